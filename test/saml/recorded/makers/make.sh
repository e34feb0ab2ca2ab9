#!/bin/sh
# Records the messages anew: sh makers/make.sh [OUT]. In Debian 12, with default-jdk-headless, libxml-security-java, golang-github-russellhaering-goxmldsig-dev, golang-go,
# ruby-saml, opensaml-tools, mono-mcs, libmono-system-security4.0-cil and openssl.
set -eu
cd "$(dirname "$0")/.."
out=${1:-messages}
java=/usr/share/java
mkdir -p "$out"
java makers/Jdk.java . "$out"
java -cp $java/xmlsec.jar:$java/slf4j-api.jar:$java/slf4j-nop.jar:$java/commons-codec.jar:$java/stax2-api.jar:$java/woodstox-core.jar makers/Santuario.java . "$out"
GO111MODULE=off GOPATH=/usr/share/gocode go run makers/goxmldsig.go . "$out"
ruby makers/ruby-saml.rb . "$out"

# OpenSAML for C++, the library of Shibboleth's service provider, signs the outermost element. Without namespaces that are declared to be none: it writes another form of those.
opensaml() { samlsign -s -k "$PWD/keys/$3.key" -c "$PWD/keys/$3.crt" -f "templates/$2.xml" -alg "$4" -dig "$5" > "$out/opensaml-$1.xml"; }
more=http://www.w3.org/2001/04/xmldsig-more
xenc=http://www.w3.org/2001/04/xmlenc
opensaml response response rsa $more#rsa-sha256 $xenc#sha256
opensaml response-indented response-indented rsa $more#rsa-sha512 $xenc#sha512
opensaml logout logout-plain rsa $more#rsa-sha384 $more#sha384
opensaml logout-p256 logout-plain p256 $more#ecdsa-sha256 $xenc#sha256

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
openssl pkcs12 -export -inkey keys/rsa.key -in keys/rsa.crt -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 -passout pass:recorded -out "$folder/rsa.pfx"
mcs -langversion:latest -r:System.Security.dll -r:System.Xml.dll -out:"$folder/DotNet.exe" makers/DotNet.cs
mono "$folder/DotNet.exe" . "$out" "$folder/rsa.pfx"
