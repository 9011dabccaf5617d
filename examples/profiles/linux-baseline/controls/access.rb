control 'files-01' do
  impact 0.9
  title 'Only root reads the password hashes'
  desc 'Hashes that anyone can read will be cracked elsewhere.'
  tag nist: ['AC-3', 'AC-6', 'Rev_5']
  describe file('/etc/shadow') do
    it { should be_owned_by 'root' }
    it { should_not be_readable.by('others') }
  end
end

control 'screen-01' do
  impact 0.0
  title 'The graphical session locks itself'
  desc 'Not applicable where there is no screen; kept so that the number of controls stays the same.'
  tag nist: ['AC-11 a', 'Rev_5']
  describe package('gdm-screen-lock') do
    it { should be_installed }
  end
end
