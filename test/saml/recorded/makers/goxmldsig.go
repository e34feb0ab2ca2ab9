// Messages signed by goxmldsig, the library of crewjam/saml, Casdoor, Zitadel, Teleport and Dex. One file for each case.
// Templates without CR: its XML library writes one as it stands, and whoever reads that reads LF.
// How: GO111MODULE=off GOPATH=/usr/share/gocode go run makers/goxmldsig.go FOLDER-OF-THIS OUT
package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

var here, out = os.Args[1], os.Args[2]

type keys struct{}

func (keys) GetKeyPair() (*rsa.PrivateKey, []byte, error) {
	key, err := x509.ParsePKCS8PrivateKey(block("rsa.key"))
	return key.(*rsa.PrivateKey), block("rsa.crt"), err
}

func block(name string) []byte {
	text, err := os.ReadFile(filepath.Join(here, "keys", name))
	check(err)
	found, _ := pem.Decode(text)
	return found.Bytes
}

func main() {
	exclusive := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	for name, canonicalizer := range map[string]dsig.Canonicalizer{
		"exclusive":          exclusive,
		"exclusive-comments": dsig.MakeC14N10ExclusiveWithCommentsCanonicalizerWithPrefixList(""),
		"c14n11":             dsig.MakeC14N11Canonicalizer(),
		"inclusive":          dsig.MakeC14N10RecCanonicalizer(),
	} {
		for _, text := range []string{"response", "logout"} {
			document := parse(text + "-plain")
			signed(document, document.Root(), canonicalizer, dsig.RSASHA256SignatureMethod)
			write(text+"-"+name, document)
		}
	}
	// As crewjam/saml does it: the assertion by itself, with all that it needs declared in it, then the message.
	document := parse("response-plain")
	assertion := document.FindElement("//Assertion")
	for _, prefix := range []string{"saml", "xs", "xsi"} {
		assertion.CreateAttr("xmlns:"+prefix, document.Root().SelectAttrValue("xmlns:"+prefix, ""))
	}
	signed(document, assertion, exclusive, dsig.RSASHA512SignatureMethod)
	write("response-assertion-sha512", document)
	signed(document, document.Root(), exclusive, dsig.RSASHA512SignatureMethod)
	write("response-both-sha512", document)
}

// Signs an element and puts it where it stood, its signature behind its Issuer.
func signed(document *etree.Document, element *etree.Element, canonicalizer dsig.Canonicalizer, method string) {
	context := dsig.NewDefaultSigningContext(keys{})
	context.Canonicalizer = canonicalizer
	check(context.SetSignatureMethod(method))
	signature, err := context.ConstructSignature(element, true)
	check(err)
	element.InsertChildAt(element.SelectElement("Issuer").Index()+1, signature)
}

func parse(text string) *etree.Document {
	document := etree.NewDocument()
	check(document.ReadFromFile(filepath.Join(here, "templates", text+".xml")))
	return document
}

func write(name string, document *etree.Document) {
	check(document.WriteToFile(filepath.Join(out, "go-"+name+".xml")))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
