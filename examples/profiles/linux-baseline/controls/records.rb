control 'audit-01' do
  impact 0.7
  title 'The audit daemon stops the host when its disk is full'
  desc 'What is not recorded cannot be answered for.'
  tag nist: ['AU-5 b', 'Rev_5']
  describe auditd_conf do
    its('disk_full_action') { should cmp 'HALT' }
  end
end

control 'time-01' do
  impact 0.5
  title 'The clock follows the house servers'
  desc 'Records of two hosts can only be put in order if their clocks agree.'
  tag nist: ['AU-8 b', 'Rev_5']
  only_if('chrony keeps the clock') { package('chrony').installed? }
  describe service('chronyd') do
    it { should be_running }
  end
end
