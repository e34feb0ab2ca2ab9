# Messages signed by ruby-saml (REXML and Nokogiri), the library of GitLab and of omniauth-saml. One file for each case.
# How: ruby makers/ruby-saml.rb FOLDER-OF-THIS OUT

require 'onelogin/ruby-saml'

HERE, OUT = ARGV
KEY = OpenSSL::PKey.read(File.read("#{HERE}/keys/rsa.key"))
CERTIFICATE = OpenSSL::X509::Certificate.new(File.read("#{HERE}/keys/rsa.crt"))

def signed(text, method, digest)
  document = XMLSecurity::Document.new(text)
  document.sign_document(KEY, CERTIFICATE, XMLSecurity::Document.const_get(method), XMLSecurity::Document.const_get(digest))
  document
end

{ 'response' => 512, 'logout' => 256 }.each do |name, bits|
  text = File.read("#{HERE}/templates/#{name}.xml")
  File.binwrite("#{OUT}/ruby-#{name}.xml", signed(text, "RSA_SHA#{bits}", "SHA#{bits}").to_s)
end
