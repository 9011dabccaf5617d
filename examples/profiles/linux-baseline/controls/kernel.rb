control 'kernel-01' do
  impact 0.5
  title 'The host does not route'
  desc 'A host that forwards packets joins networks that are kept apart.'
  tag nist: ['SC-7', 'CM-7 b', 'Rev_5']
  describe kernel_parameter('net.ipv4.ip_forward') do
    its('value') { should eq 0 }
  end
end

control 'kernel-02' do
  impact 0.7
  title 'Address space is randomised'
  desc 'Fixed addresses make memory errors easy to exploit.'
  tag nist: ['SI-16', 'Rev_5']
  describe kernel_parameter('kernel.randomize_va_space') do
    its('value') { should eq 2 }
  end
end
