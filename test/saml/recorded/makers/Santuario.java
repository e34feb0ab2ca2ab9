// Messages signed and encrypted by Apache Santuario, the library of Keycloak, WSO2, Shibboleth, CAS, PingFederate and ForgeRock. One file for each case.
// How: java -cp … makers/Santuario.java FOLDER-OF-THIS OUT (the class path: make.sh)

import java.io.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.*;
import java.util.*;
import java.util.Base64;
import javax.crypto.*;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.Init;
import org.apache.xml.security.algorithms.SignatureAlgorithm;
import org.apache.xml.security.c14n.Canonicalizer;
import org.apache.xml.security.encryption.*;
import org.apache.xml.security.keys.KeyInfo;
import org.apache.xml.security.keys.content.RetrievalMethod;
import org.apache.xml.security.signature.XMLSignature;
import org.apache.xml.security.transforms.Transforms;
import org.apache.xml.security.transforms.params.InclusiveNamespaces;
import org.apache.xml.security.utils.*;
import org.w3c.dom.*;

public class Santuario {
  static final String SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
  static final String XENC = "http://www.w3.org/2001/04/xmlenc#", XENC11 = "http://www.w3.org/2009/xmlenc11#", DSIG = "http://www.w3.org/2000/09/xmldsig#";
  static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#";
  static Path here, out;

  /** How something is encrypted. */
  static class Seal {
    String cipher = XENC11 + "aes256-gcm", transport = XENC + "rsa-oaep-mgf1p", digest, mgf, place = "inside";
    byte[] label;
    List<String> recipients = List.of("ours");
    boolean named;
    Seal cipher(String c) { cipher = c; return this; }
    Seal key(String t, String d, String m) { transport = t; digest = d; mgf = m; return this; }
    Seal label(byte[] l) { label = l; return this; }
    Seal place(String p) { place = p; return this; }
    Seal recipients(String... r) { recipients = List.of(r); return this; }
    Seal named() { named = true; return this; }
  }

  static Seal seal() { return new Seal(); }

  public static void main(String[] args) throws Exception {
    Init.init();
    here = Path.of(args[0]);
    out = Path.of(args[1]);

    // Signed.
    for (String text : new String[] {"response", "response-indented"}) {
      Document both = parse(text);
      sign(both, "_a", "rsa", MORE + "rsa-sha256", null);
      sign(both, "_r", "rsa", MORE + "rsa-sha256", null);
      write(text + "-both", both);
      // As OpenSAML lists the prefixes of types.
      Document listed = parse(text);
      sign(listed, "_a", "p256", MORE + "ecdsa-sha256", "xs xsi");
      write(text + "-listed-p256", listed);
    }
    // Zeros in front of both halves are left out, which by this curve is one signature of four.
    for (boolean isShort : new boolean[] {false, true}) {
      Document logout;
      do {
        logout = parse("logout");
        sign(logout, "_q", "p521", MORE + "ecdsa-sha512", null);
      } while ((value(logout).length < 132) != isShort);
      write(isShort ? "logout-p521-short" : "logout-p521", logout);
    }
    Document soap = parse("soap");
    sign(soap, "_q", "rsa", MORE + "rsa-sha512", "xs");
    write("soap-listed", soap);

    // Encrypted by every cipher; signed inside and around, as CBC asks for.
    for (String cipher : new String[] {XENC + "aes128-cbc", XENC + "aes192-cbc", XENC + "aes256-cbc", XENC11 + "aes128-gcm", XENC11 + "aes192-gcm", XENC11 + "aes256-gcm", XENC + "tripledes-cbc"})
      assertion((cipher.contains("tripledes") ? "weak-" : "encrypted-") + cipher.replaceAll(".*#", ""), "response", seal().cipher(cipher), true, true);
    // Signed inside alone: by GCM; by CBC refused.
    assertion("encrypted-inner", "response", seal(), true, false);
    assertion("encrypted-inner-indented", "response-indented", seal(), true, false);
    assertion("encrypted-both-indented", "response-indented", seal(), true, true);
    assertion("encrypted-outer", "response", seal(), false, true);
    assertion("refused-cbc-inner", "response", seal().cipher(XENC + "aes128-cbc"), true, false);
    // By every transport.
    String sha256 = XENC + "sha256", sha512 = XENC + "sha512", sha1 = DSIG + "sha1", sha384 = MORE + "sha384";
    assertion("transport-mgf1p-sha256", "response", seal().key(XENC + "rsa-oaep-mgf1p", sha256, null), true, false);
    assertion("transport-oaep", "response", seal().key(XENC11 + "rsa-oaep", null, null), true, false);
    for (String[] hashes : new String[][] {{sha1, "mgf1sha512"}, {sha256, "mgf1sha1"}, {sha256, "mgf1sha256"}, {sha384, "mgf1sha256"}, {sha512, "mgf1sha512"}})
      assertion("transport-oaep-" + hashes[0].replaceAll(".*#", "") + "-" + hashes[1], "response", seal().key(XENC11 + "rsa-oaep", hashes[0], XENC11 + hashes[1]), true, false);
    assertion("transport-label", "response", seal().key(XENC11 + "rsa-oaep", sha256, XENC11 + "mgf1sha256").label("a label".getBytes()), true, false);
    assertion("weak-rsa15", "response", seal().key(XENC + "rsa-1_5", null, null), true, true);
    // The key's place, and who else can open it.
    assertion("place-beside", "response", seal().place("beside"), true, false);
    assertion("place-retrieval", "response", seal().place("retrieval"), true, false);
    assertion("place-named", "response", seal().named(), true, false);
    assertion("place-three-recipients", "response", seal().recipients("rsa", "ours", "rsa").named(), true, false);
    assertion("place-three-beside", "response", seal().recipients("rsa", "rsa", "ours").place("beside").named(), true, false);
    assertion("refused-stranger", "response", seal().recipients("rsa"), true, false);

    // An EncryptedID, and an EncryptedAttribute.
    Document id = parse("response");
    encrypt(element(id, "NameID"), "EncryptedID", seal().cipher(XENC + "aes128-cbc"));
    sign(id, "_a", "rsa", MORE + "rsa-sha256", null);
    write("encrypted-id", id);
    Document logoutId = parse("logout");
    encrypt(element(logoutId, "NameID"), "EncryptedID", seal().place("beside"));
    sign(logoutId, "_q", "rsa", MORE + "rsa-sha256", null);
    write("logout-encrypted-id", logoutId);
    Document soapId = parse("soap");
    encrypt(element(soapId, "NameID"), "EncryptedID", seal());
    sign(soapId, "_q", "rsa", MORE + "rsa-sha256", null);
    write("soap-encrypted-id", soapId);
    Document attribute = parse("response");
    encrypt(element(attribute, "Attribute"), "EncryptedAttribute", seal());
    sign(attribute, "_a", "rsa", MORE + "rsa-sha256", null);
    write("encrypted-attribute", attribute);
    Document allEncrypted = parse("response");
    encrypt(element(allEncrypted, "NameID"), "EncryptedID", seal());
    sign(allEncrypted, "_a", "rsa", MORE + "rsa-sha256", null);
    encrypt(byId(allEncrypted, "_a"), "EncryptedAssertion", seal());
    sign(allEncrypted, "_r", "rsa", MORE + "rsa-sha256", null);
    write("encrypted-id-and-assertion", allEncrypted);
    // Type Content: the children of the Assertion, not the Assertion (saml-core 2.3.4 knows Element alone).
    Document content = parse("response");
    XMLCipher cipher = XMLCipher.getInstance(XENC11 + "aes256-gcm");
    cipher.init(XMLCipher.ENCRYPT_MODE, newKey(256));
    cipher.doFinal(content, byId(content, "_a"), true);
    sign(content, "_r", "rsa", MORE + "rsa-sha256", null);
    write("refused-content", content);
  }

  static void assertion(String name, String text, Seal seal, boolean inner, boolean outer) throws Exception {
    Document document = parse(text);
    if (inner) sign(document, "_a", "rsa", MORE + "rsa-sha256", null);
    encrypt(byId(document, "_a"), "EncryptedAssertion", seal);
    if (outer) sign(document, "_r", "rsa", MORE + "rsa-sha256", null);
    write(name, document);
  }

  /** Puts what encrypts an element into a wrapper in its place. */
  static void encrypt(Element element, String wrapper, Seal seal) throws Exception {
    Document document = element.getOwnerDocument();
    SecretKey key = newKey(seal.cipher.contains("128") ? 128 : seal.cipher.contains("256") ? 256 : 192, seal.cipher.contains("tripledes") ? "DESede" : "AES");
    String prefix = element.lookupPrefix(SAML);
    Element holder = document.createElementNS(SAML, (prefix == null ? "" : prefix + ":") + wrapper);
    if (prefix == null) holder.setAttributeNS(Constants.NamespaceSpecNS, "xmlns", SAML);
    element.getParentNode().replaceChild(holder, element);
    holder.appendChild(element);
    XMLCipher cipher = XMLCipher.getInstance(seal.cipher);
    cipher.init(XMLCipher.ENCRYPT_MODE, key);
    EncryptedData data = cipher.getEncryptedData();
    data.setId("_data");
    KeyInfo info = new KeyInfo(document);
    List<EncryptedKey> keys = new ArrayList<>();
    for (String recipient : seal.recipients) {
      XMLCipher wrap = XMLCipher.getInstance(seal.transport, null, seal.digest);
      wrap.init(XMLCipher.WRAP_MODE, certificate(recipient).getPublicKey());
      EncryptedKey encrypted = wrap.encryptKey(document, key, seal.mgf, seal.label);
      encrypted.setId("_key" + keys.size());
      if (seal.named) {
        encrypted.setRecipient(recipient.equals("ours") ? "https://login.example.com/saml/metadata" : "https://other.example.test/");
        encrypted.setCarriedName("the key");
        KeyInfo whose = new KeyInfo(document);
        whose.addKeyName(recipient);
        org.apache.xml.security.keys.content.X509Data x509 = new org.apache.xml.security.keys.content.X509Data(document);
        x509.addCertificate(certificate(recipient));
        whose.add(x509);
        encrypted.setKeyInfo(whose);
      }
      keys.add(encrypted);
      if (seal.place.equals("inside")) info.add(encrypted);
    }
    if (seal.named) info.addKeyName("the key");
    if (seal.place.equals("retrieval")) info.add(new RetrievalMethod(document, "#_key0", null, XENC + "EncryptedKey"));
    if (seal.place.equals("inside") || seal.named || seal.place.equals("retrieval")) data.setKeyInfo(info);
    cipher.doFinal(document, element, false);
    if (!seal.place.equals("inside")) for (EncryptedKey encrypted : keys) holder.appendChild(cipher.martial(document, encrypted));
  }

  static void sign(Document document, String id, String key, String method, String prefixes) throws Exception {
    Element target = byId(document, id);
    target.setIdAttribute("ID", true);
    XMLSignature signature = new XMLSignature(document, "", method, Canonicalizer.ALGO_ID_C14N_EXCL_OMIT_COMMENTS);
    Node issuer = target.getFirstChild();
    while (issuer.getNodeType() != Node.ELEMENT_NODE) issuer = issuer.getNextSibling();
    target.insertBefore(signature.getElement(), issuer.getNextSibling());
    Transforms transforms = new Transforms(document);
    transforms.addTransform(Transforms.TRANSFORM_ENVELOPED_SIGNATURE);
    if (prefixes == null) transforms.addTransform(Transforms.TRANSFORM_C14N_EXCL_OMIT_COMMENTS);
    else transforms.addTransform(Transforms.TRANSFORM_C14N_EXCL_OMIT_COMMENTS, new InclusiveNamespaces(document, prefixes).getElement());
    signature.addDocument("#" + id, transforms, XENC + "sha256");
    signature.addKeyInfo(certificate(key));
    signature.addKeyInfo(certificate(key).getPublicKey());
    signature.sign(privateKey(key));
  }

  static byte[] value(Document document) {
    return Base64.getMimeDecoder().decode(document.getElementsByTagNameNS(DSIG, "SignatureValue").item(0).getTextContent());
  }

  static SecretKey newKey(int bits, String... algorithm) throws Exception {
    KeyGenerator generator = KeyGenerator.getInstance(algorithm.length == 0 ? "AES" : algorithm[0]);
    if (algorithm.length == 0 || algorithm[0].equals("AES")) generator.init(bits);
    return generator.generateKey();
  }

  static Document parse(String text) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    return factory.newDocumentBuilder().parse(here.resolve("templates/" + text + ".xml").toFile());
  }

  static Element byId(Document document, String id) {
    NodeList all = document.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) if (((Element) all.item(i)).getAttribute("ID").equals(id)) return (Element) all.item(i);
    throw new NoSuchElementException(id);
  }

  static Element element(Document document, String name) { return (Element) document.getElementsByTagNameNS(SAML, name).item(0); }

  static X509Certificate certificate(String name) throws Exception {
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(here.resolve("keys/" + name + ".crt")));
  }

  static PrivateKey privateKey(String name) throws Exception {
    String text = Files.readString(here.resolve("keys/" + name + ".key")).replaceAll("-----[^-]+-----|\\s", "");
    return KeyFactory.getInstance(name.startsWith("p") ? "EC" : "RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
  }

  static void write(String name, Document document) throws Exception {
    try (OutputStream stream = Files.newOutputStream(out.resolve("santuario-" + name + ".xml"))) {
      XMLUtils.outputDOM(document, stream, true);
    }
  }
}
