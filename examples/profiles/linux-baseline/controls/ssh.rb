control 'ssh-01' do
  impact 0.7
  title 'Root does not log in over SSH'
  desc 'Whoever logs in as root leaves no name behind.'
  tag nist: ['AC-6 (2)', 'IA-2', 'Rev_5']
  describe sshd_config do
    its('PermitRootLogin') { should cmp 'no' }
  end
end

control 'ssh-02' do
  impact 0.7
  title 'SSH takes keys, not passwords'
  desc 'A password can be guessed or reused; a key is tied to its holder.'
  tag nist: ['IA-5 (1)', 'IA-2 (8)', 'Rev_5']
  describe sshd_config do
    its('PasswordAuthentication') { should cmp 'no' }
    its('PermitEmptyPasswords') { should cmp 'no' }
  end
end

control 'ssh-03' do
  impact 0.5
  title 'SSH offers no ciphers in CBC mode'
  desc 'CBC ciphers of SSH leak plaintext to whoever can tamper with the connection.'
  tag nist: ['SC-8 (1)', 'SC-13', 'Rev_5']
  describe sshd_config do
    its('Ciphers') { should_not match(/cbc/) }
  end
end

control 'ssh-04' do
  impact 0.4
  title 'Idle SSH sessions end'
  desc 'A session left open is a door left open.'
  tag nist: ['SC-10', 'AC-12', 'Rev_5']
  describe sshd_config do
    its('ClientAliveInterval') { should cmp <= input('idle_timeout') }
  end
end
