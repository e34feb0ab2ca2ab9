// Messages signed and encrypted by .NET's System.Security.Cryptography.Xml, as Mono carries it: the library of Sustainsys, ITfoxtec, ComponentSpace, Duende and CyberArk.
// One file for each case. How: mono DotNet.exe FOLDER-OF-THIS OUT KEY.pfx (make.sh builds it)

using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Xml;

static class DotNet {
  const string SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
  static string here, folder;
  static X509Certificate2 own;

  static void Main(string[] args) {
    here = args[0];
    folder = args[1];
    own = new X509Certificate2(args[2], "recorded", X509KeyStorageFlags.Exportable);
    foreach (var text in new[] { "response", "response-indented" }) {
      var assertion = Parse(text);
      Sign(assertion, "_a", null);
      Write(text + "-assertion", assertion);
      // As ComponentSpace lists prefixes.
      var both = Parse(text);
      Sign(both, "_a", "#default samlp saml ds xs xsi");
      Sign(both, "_r", "#default samlp saml ds xs xsi");
      Write(text + "-both-listed", both);
    }
    // What SignedXml does where nobody says how SignedInfo is to be written.
    var inclusive = Parse("response");
    Sign(inclusive, "_r", null, SignedXml.XmlDsigC14NTransformUrl);
    Write("response-inclusive-info", inclusive);
    var logout = Parse("logout");
    Sign(logout, "_q", null);
    Write("logout", logout);
    var soap = Parse("soap");
    Sign(soap, "_q", null);
    Write("soap", soap);

    var encrypted = Parse("response");
    Sign(encrypted, "_a", null);
    Encrypt(encrypted, (XmlElement) Find(encrypted, "_a"), "EncryptedAssertion");
    Sign(encrypted, "_r", null);
    Write("encrypted", encrypted);
    var outer = Parse("response-indented");
    Encrypt(outer, (XmlElement) Find(outer, "_a"), "EncryptedAssertion");
    Sign(outer, "_r", null);
    Write("encrypted-outer", outer);
    var name = Parse("logout");
    Encrypt(name, (XmlElement) name.GetElementsByTagName("NameID", SAML)[0], "EncryptedID");
    Sign(name, "_q", null);
    Write("logout-encrypted-id", name);
  }

  static void Sign(XmlDocument document, string id, string prefixes, string info = SignedXml.XmlDsigExcC14NTransformUrl) {
    var target = (XmlElement) Find(document, id);
    var signed = new SignedXml(target) { SigningKey = own.PrivateKey };
    signed.SignedInfo.CanonicalizationMethod = info;
    signed.SignedInfo.SignatureMethod = SignedXml.XmlDsigRSASHA256Url;
    var reference = new Reference("#" + id) { DigestMethod = SignedXml.XmlDsigSHA256Url };
    reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
    reference.AddTransform(new XmlDsigExcC14NTransform { InclusiveNamespacesPrefixList = prefixes });
    signed.AddReference(reference);
    signed.KeyInfo.AddClause(new KeyInfoX509Data(own));
    signed.ComputeSignature();
    target.InsertAfter(document.ImportNode(signed.GetXml(), true), target["Issuer", SAML]);
  }

  static void Encrypt(XmlDocument document, XmlElement element, string wrapper) {
    using (var key = new AesManaged { KeySize = 256 }) {
      var ours = new X509Certificate2(Path.Combine(here, "keys/ours.crt"));
      var data = new EncryptedData { Type = EncryptedXml.XmlEncElementUrl, EncryptionMethod = new EncryptionMethod(EncryptedXml.XmlEncAES256Url) };
      var wrapped = new EncryptedKey {
        Recipient = "https://login.example.com/saml/metadata",
        CipherData = new CipherData(EncryptedXml.EncryptKey(key.Key, (RSA) ours.PublicKey.Key, true)),
        EncryptionMethod = new EncryptionMethod(EncryptedXml.XmlEncRSAOAEPUrl)
      };
      wrapped.KeyInfo.AddClause(new KeyInfoX509Data(ours));
      data.KeyInfo.AddClause(new KeyInfoEncryptedKey(wrapped));
      data.CipherData.CipherValue = new EncryptedXml().EncryptData(element, key, false);
      var holder = document.CreateElement(element.Prefix, wrapper, SAML);
      element.ParentNode.ReplaceChild(holder, element);
      holder.AppendChild(document.ImportNode(data.GetXml(), true));
    }
  }

  static XmlDocument Parse(string text) {
    var document = new XmlDocument { PreserveWhitespace = true };
    document.Load(Path.Combine(here, "templates", text + ".xml"));
    return document;
  }

  static XmlNode Find(XmlDocument document, string id) => document.SelectSingleNode("//*[@ID='" + id + "']");

  static void Write(string name, XmlDocument document) => File.WriteAllText(Path.Combine(folder, "dotnet-" + name + ".xml"), document.OuterXml);
}
