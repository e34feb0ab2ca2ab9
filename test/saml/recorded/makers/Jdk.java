// Messages signed by the JDK itself (javax.xml.crypto.dsig), as products on Java sign them that bring no library for it. One file for each case.
// How: java makers/Jdk.java FOLDER-OF-THIS OUT

import java.io.*;
import java.nio.charset.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.*;
import java.util.*;
import javax.xml.crypto.dom.DOMStructure;
import javax.xml.crypto.dsig.*;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.*;
import javax.xml.crypto.dsig.spec.*;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.*;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.*;
import org.w3c.dom.ls.*;

public class Jdk {
  static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#", MORE07 = "http://www.w3.org/2007/05/xmldsig-more#";
  static final String XENC = "http://www.w3.org/2001/04/xmlenc#", DSIG = "http://www.w3.org/2000/09/xmldsig#";
  static final String EXC = CanonicalizationMethod.EXCLUSIVE, INC = CanonicalizationMethod.INCLUSIVE;
  static final String C11 = "http://www.w3.org/2006/12/xml-c14n11";
  static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");
  static final KeyInfoFactory INFO = FACTORY.getKeyInfoFactory();
  static Path here, out;

  /** How one signature is made. */
  static class Way {
    String key = "rsa", method = MORE + "rsa-sha256", digest = XENC + "sha256", canonicalization = EXC, transform = EXC, prefix = "ds", info = "x509";
    List<String> prefixes, infoPrefixes;
    AlgorithmParameterSpec parameters;
    List<Transform> transforms;
    String uri;
    boolean object;
    Way key(String k, String m, String d) { key = k; method = m; digest = d; return this; }
    Way form(String c, String t) { canonicalization = c; transform = t; return this; }
    Way listed(String... p) { prefixes = List.of(p); return this; }
    Way infoListed(String... p) { infoPrefixes = List.of(p); return this; }
    Way info(String i) { info = i; return this; }
    Way prefix(String p) { prefix = p; return this; }
    Way parameters(AlgorithmParameterSpec p) { parameters = p; return this; }
    Way transforms(Transform... t) { transforms = List.of(t); return this; }
  }

  static Way way() { return new Way(); }

  public static void main(String[] args) throws Exception {
    Security.setProperty("jdk.xml.dsig.secureValidationPolicy", "");
    here = Path.of(args[0]);
    out = Path.of(args[1]);
    Transform enveloped = transform(Transform.ENVELOPED, null);
    String sha384 = MORE + "sha384", sha512 = XENC + "sha512", sha256 = XENC + "sha256", sha1 = DSIG + "sha1";

    // What is signed, and by which keys.
    make("response-assertion-rsa256", "response", way(), "_a");
    make("response-message-rsa512", "response", way().key("rsa", MORE + "rsa-sha512", sha512), "_r");
    make("response-both-rsa384", "response", way().key("rsa", MORE + "rsa-sha384", sha384), "_a", "_r");
    make("response-both-p256", "response-indented", way().key("p256", MORE + "ecdsa-sha256", sha256), "_a", "_r");
    make("response-assertion-p384", "response", way().key("p384", MORE + "ecdsa-sha384", sha384).info("value"), "_a");
    make("response-message-p521", "response", way().key("p521", MORE + "ecdsa-sha512", sha512).info("none"), "_r");
    make("response-both-pss", "response", way().key("rsa", MORE07 + "sha256-rsa-MGF1", sha256), "_a", "_r");
    make("logout-pss512", "logout", way().key("rsa", MORE07 + "sha512-rsa-MGF1", sha512), "_q");
    make("soap-pss384", "soap", way().key("rsa", MORE07 + "sha384-rsa-MGF1", sha384), "_q");
    make("refused-pss-sha1", "logout", way().key("rsa", MORE07 + "sha1-rsa-MGF1", sha1), "_q");
    make("logout-rsa-pss", "logout", way().key("rsa", MORE07 + "rsa-pss", sha256), "_q");
    make("refused-pss-parameters", "logout", way().key("rsa", MORE07 + "rsa-pss", sha256)
      .parameters(new RSAPSSParameterSpec(new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 20, 1))), "_q");
    make("weak-sha1", "response", way().key("rsa", DSIG + "rsa-sha1", sha1), "_a");
    make("weak-p256-sha1", "response", way().key("p256", MORE + "ecdsa-sha1", sha1), "_a");
    make("refused-sha224", "logout", way().key("rsa", MORE + "rsa-sha224", MORE + "sha224"), "_q");

    // Canonical forms.
    for (String text : new String[] {"response", "response-indented"}) {
      make(text + "-inclusive-comments", text, way().form(INC + "#WithComments", INC + "#WithComments"), "_a", "_r");
      make(text + "-exclusive-comments", text, way().form(EXC + "WithComments", EXC + "WithComments"), "_a", "_r");
      make(text + "-listed", text, way().listed("xs", "xsi"), "_a");
      make(text + "-listed-default", text, way().listed("#default", "xs", "saml", "nobody").infoListed("xs", "#default", "ds"), "_a", "_r");
    }
    // The assertion by one form, the message around it by another.
    for (String text : new String[] {"response", "response-indented"}) {
      Document mixed = signed(text, way().form(INC, INC), "_a");
      sign(mixed, way(), "_r");
      write(text + "-mixed-inclusive", mixed, "UTF-8");
      mixed = signed(text, way().listed("xs"), "_a");
      sign(mixed, way(), "_r");
      write(text + "-mixed-listed", mixed, "UTF-8");
    }
    make("response-inclusive-assertion", "response", way().form(INC, INC), "_a");
    make("response-enveloped-only", "response", way().transforms(enveloped), "_a");
    make("response-c14n11", "response", way().form(C11, C11), "_a", "_r");
    make("logout-exclusive", "logout", way(), "_q");
    make("logout-inclusive", "logout", way().form(INC, INC), "_q");
    make("logout-listed", "logout", way().listed("xs", "unused"), "_q");
    make("soap-exclusive", "soap", way(), "_q");
    make("soap-inclusive", "soap", way().form(INC, INC), "_q");
    make("soap-inclusive-info", "soap", way().form(INC, EXC), "_q");
    make("soap-listed", "soap", way().listed("xs", "#default").prefix(""), "_q");
    make("response-no-prefix", "response", way().prefix(""), "_a", "_r");

    // KeyInfo in every form.
    for (String info : new String[] {"chain", "name", "none", "retrieval", "all"})
      make("logout-info-" + info, "logout", way().info(info), "_q");

    // What nobody should send.
    make("refused-xpath", "response", way().transforms(enveloped, transform(Transform.XPATH, new XPathFilterParameterSpec("not(self::text())"))), "_a");
    make("refused-xpath2", "response", way().transforms(enveloped, transform(Transform.XPATH2,
      new XPathFilter2ParameterSpec(List.of(new XPathType("//*", XPathType.Filter.INTERSECT)))), transform(EXC, null)), "_a");
    Way whole = way();
    whole.uri = "";
    make("refused-whole-document", "response", whole, "_r");
    Way object = way();
    object.object = true;
    make("refused-object", "response", object, "_r");
    write("refused-utf16", signed("logout", way(), "_q"), "UTF-16");
    Document cdata = parse("logout");
    Element index = (Element) cdata.getElementsByTagNameNS("*", "SessionIndex").item(1);
    index.setTextContent("");
    index.appendChild(cdata.createCDATASection("_s2"));
    sign(cdata, way(), "_q");
    write("refused-cdata", cdata, "UTF-8");
    Document comment = parse("logout");
    comment.getDocumentElement().appendChild(comment.createComment(" by hand "));
    sign(comment, way(), "_q");
    write("refused-comment", comment, "UTF-8");
    write("refused-latin1", signed("logout", way(), "_q"), "ISO-8859-1");
    write("logout-ascii", signed("logout", way(), "_q"), "US-ASCII");

    // Another way to write the tree down.
    Document document = signed("response-indented", way(), "_a", "_r");
    DOMImplementationLS ls = (DOMImplementationLS) document.getImplementation().getFeature("LS", "3.0");
    LSOutput target = ls.createLSOutput();
    target.setEncoding("UTF-8");
    try (OutputStream stream = Files.newOutputStream(out.resolve("jdk-response-ls.xml"))) {
      target.setByteStream(stream);
      ls.createLSSerializer().write(document, target);
    }
  }

  static Transform transform(String name, TransformParameterSpec spec) throws Exception { return FACTORY.newTransform(name, spec); }

  static void make(String name, String text, Way way, String... ids) throws Exception {
    try {
      write(name, signed(text, way, ids), "UTF-8");
    } catch (NoSuchAlgorithmException e) {
      System.err.println(name + ": " + e.getMessage());
    }
  }

  static Document parse(String text) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    return factory.newDocumentBuilder().parse(here.resolve("templates/" + text + ".xml").toFile());
  }

  static Document signed(String text, Way way, String... ids) throws Exception {
    Document document = parse(text);
    for (String id : ids) sign(document, way, id);
    return document;
  }

  static void sign(Document document, Way way, String id) throws Exception {
    Element target = null;
    NodeList all = document.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) if (((Element) all.item(i)).getAttribute("ID").equals(id)) target = (Element) all.item(i);
    target.setIdAttribute("ID", true);
    Node issuer = target.getFirstChild();
    while (issuer.getNodeType() != Node.ELEMENT_NODE) issuer = issuer.getNextSibling();
    List<Transform> transforms = way.transforms != null ? way.transforms : List.of(transform(Transform.ENVELOPED, null),
      transform(way.transform, way.prefixes == null ? null : new ExcC14NParameterSpec(way.prefixes)));
    Reference reference = FACTORY.newReference(way.uri == null ? "#" + id : way.uri, FACTORY.newDigestMethod(way.digest, null), transforms, null, null);
    SignedInfo info = FACTORY.newSignedInfo(
      FACTORY.newCanonicalizationMethod(way.canonicalization, way.infoPrefixes == null ? (C14NMethodParameterSpec) null : new ExcC14NParameterSpec(way.infoPrefixes)),
      FACTORY.newSignatureMethod(way.method, (SignatureMethodParameterSpec) way.parameters), List.of(reference));
    DOMSignContext context = new DOMSignContext(privateKey(way.key), target, issuer.getNextSibling());
    context.setDefaultNamespacePrefix(way.prefix);
    List<XMLObject> objects = way.object ? List.of(FACTORY.newXMLObject(List.of(new DOMStructure(document.createTextNode("x"))), "_o", null, null)) : null;
    FACTORY.newXMLSignature(info, keyInfo(way), objects, null, null).sign(context);
  }

  static KeyInfo keyInfo(Way way) throws Exception {
    X509Certificate own = certificate(way.key);
    List<javax.xml.crypto.XMLStructure> parts = new ArrayList<>();
    switch (way.info) {
      case "none": return null;
      case "x509": parts.add(INFO.newX509Data(List.of(own))); break;
      case "chain": parts.add(INFO.newX509Data(List.of(own, certificate("p256"), certificate("ours")))); break;
      case "value": parts.add(INFO.newKeyValue(own.getPublicKey())); break;
      case "name": parts.add(INFO.newKeyName("a key & its <name>")); break;
      case "issuer": parts.add(INFO.newX509Data(List.of(INFO.newX509IssuerSerial("CN=a", java.math.BigInteger.TEN), "CN=subject", new byte[] {1, 2}))); break;
      case "retrieval": parts.add(INFO.newRetrievalMethod("https://idp.example.test/key")); break;
      default:
        parts.add(INFO.newKeyName("first"));
        parts.add(INFO.newKeyValue(own.getPublicKey()));
        parts.add(INFO.newX509Data(List.of("CN=subject", own)));
        parts.add(INFO.newX509Data(List.of(certificate("ours"))));
    }
    return INFO.newKeyInfo(parts);
  }

  static X509Certificate certificate(String name) throws Exception {
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(here.resolve("keys/" + name + ".crt")));
  }

  static PrivateKey privateKey(String name) throws Exception {
    String text = Files.readString(here.resolve("keys/" + name + ".key")).replaceAll("-----[^-]+-----|\\s", "");
    return KeyFactory.getInstance(name.startsWith("p") ? "EC" : "RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
  }

  static void write(String name, Document document, String encoding) throws Exception {
    Transformer transformer = TransformerFactory.newInstance().newTransformer();
    transformer.setOutputProperty(OutputKeys.ENCODING, encoding);
    try (OutputStream stream = Files.newOutputStream(out.resolve("jdk-" + name + ".xml"))) {
      transformer.transform(new DOMSource(document), new StreamResult(stream));
    }
  }
}
