"""An identity provider over pysaml2's own Server, one thread, on a free port: who may sign in is anybody by name.

argv: the folder with idp.key, idp.crt and behaviour.json, and the host to listen on. What behaviour.json says counts from the next
request on. Every signature is made and checked by pysaml2.
"""

import html
import json
import logging
import os
import sys
import urllib.parse
from wsgiref.simple_server import WSGIRequestHandler, make_server
from xml.etree import ElementTree

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_SOAP, samlp, saml, time_util
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import create_metadata_string
from saml2.pack import http_form_post_message
from saml2.server import Server
from saml2.sigver import verify_redirect_signature

FOLDER, HOST = sys.argv[1:3]
BINDINGS = {"redirect": BINDING_HTTP_REDIRECT, "post": BINDING_HTTP_POST, "soap": BINDING_SOAP}
PEOPLE = {"alice": {"uid": ["alice"], "mail": ["alice@example.test"], "displayName": ["Alice Möller"], "groups": ["staff", "admins"]}}
# What comes by SOAP pysaml2 writes anew before it verifies it, with prefixes of its own; by these, which are curfew's, nothing changes.
for prefix, namespace in (("samlp", samlp.NAMESPACE), ("saml", saml.NAMESPACE), ("ds", "http://www.w3.org/2000/09/xmldsig#")):
    ElementTree.register_namespace(prefix, namespace)
logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


class Portal:
    """Who is signed in, by cookie: {user, at, services: {entityId: [(nameId, sessionIndex)]}}."""

    def __init__(self, origin):
        self.origin, self.sessions, self.server, self.read = origin, {}, None, None
        self.ident, self.behaviour = None, {}

    def refresh(self):
        text = open(os.path.join(FOLDER, "behaviour.json"), encoding="utf-8").read()
        if text == self.read:
            return
        self.read, self.behaviour = text, json.loads(text)
        at = lambda path, *names: [(self.origin + path, BINDINGS[name]) for name in names]
        config = {
            "entityid": self.origin + "/metadata",
            "key_file": os.path.join(FOLDER, "idp.key"),
            "cert_file": os.path.join(FOLDER, "idp.crt"),
            "xmlsec_binary": "/usr/bin/xmlsec1",
            "metadata": {"local": [os.path.join(FOLDER, "sp.xml")] if os.path.exists(os.path.join(FOLDER, "sp.xml")) else []},
            "service": {
                "idp": {
                    "endpoints": {
                        "single_sign_on_service": at("/sso", "redirect", "post"),
                        "single_logout_service": at("/slo", *self.behaviour["accepts"]),
                    },
                    "policy": {"default": {"lifetime": {"minutes": 15}, "attribute_restrictions": None,
                                           "nameid_format": self.behaviour["nameId"]}},
                    "domain": "example.test",
                    "sign_assertion": self.behaviour["sign"] != "response",
                    "sign_response": self.behaviour["sign"] != "assertion",
                    "encrypt_assertion": self.behaviour["encrypt"],
                    "want_authn_requests_signed": False,
                    **self.behaviour["algorithms"],
                },
            },
        }
        self.server = Server(config=IdPConfig().load(config))
        # Persistent NameIDs outlive a change of behaviour.
        self.ident = self.ident or self.server.ident
        self.server.ident = self.ident


def main():
    httpd = make_server(HOST, 0, lambda environ, start: app(environ, start), handler_class=Silent)
    portal = Portal(f"http://{HOST}:{httpd.server_port}")

    def app(environ, start):
        portal.refresh()
        try:
            status, headers, body = answer(portal, environ)
        except Exception as error:  # pylint: disable=broad-except
            logging.exception("refused")
            status, headers, body = "400 Bad Request", [], f"pysaml2: {type(error).__name__}: {html.escape(str(error))}"
        data = body if isinstance(body, bytes) else body.encode()
        start(status, headers or [("Content-Type", "text/html; charset=utf-8")])
        return [data]

    print(f"listening on {httpd.server_port}", flush=True)
    httpd.serve_forever()


class Silent(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def answer(portal, environ):
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    is_soap = "xml" in environ.get("CONTENT_TYPE", "")
    text = environ["QUERY_STRING"] if method == "GET" else body.decode() if not is_soap else ""
    fields = dict(urllib.parse.parse_qsl(text))
    session = portal.sessions.get(cookie_of(environ))
    if path == "/metadata":
        return "200 OK", [("Content-Type", "application/samlmetadata+xml")], create_metadata_string(None, config=portal.server.config)
    if path == "/sso" and "username" not in fields:
        return sign_on(portal, session, fields, binding_of(method, is_soap))
    if path == "/sso":
        return signed_in(portal, fields)
    if path == "/slo":
        return single_logout(portal, session, fields, binding_of(method, is_soap), body)
    if path == "/logout":
        return begin_logout(portal, environ, session)
    if path == "/session":
        return page(json.dumps({"user": session and session["user"], "last": portal.behaviour.get("last")}))
    return "404 Not Found", [], "nothing here"


def cookie_of(environ):
    return dict(urllib.parse.parse_qsl(environ.get("HTTP_COOKIE", ""), separator=";")).get("idp", "")


def binding_of(method, is_soap):
    return BINDING_SOAP if is_soap else BINDING_HTTP_REDIRECT if method == "GET" else BINDING_HTTP_POST


def page(body):
    return "200 OK", [], body


def must_be_signed(portal, fields, binding, issuer, message):
    """pysaml2 checks what stands in the XML; a query is for the caller to check, as its own example does."""
    if binding != BINDING_HTTP_REDIRECT:
        if message.signature is None:
            raise ValueError("not signed")
        return
    keys = portal.server.metadata.certs(issuer, "any", "signing")
    if not any(verify_redirect_signature(dict(fields), portal.server.sec.sec_backend, key) for key in keys):
        raise ValueError("the query's signature is not good")


def sign_on(portal, session, fields, binding):
    request = portal.server.parse_authn_request(fields["SAMLRequest"], binding).message
    must_be_signed(portal, fields, binding, request.issuer.text, request)
    if session and request.force_authn != "true":
        return respond(portal, session, request)
    if request.is_passive == "true":
        args = portal.server.response_args(request, [BINDING_HTTP_POST])
        error = portal.server.create_error_response(
            args["in_response_to"], args["destination"], (samlp.STATUS_NO_PASSIVE, "nobody is signed in"), sign=True)
        return posted(error, args["destination"], fields.get("RelayState", ""))
    return page(f'<form method="post" action="/sso"><input type="hidden" name="binding" value="{binding}">'
                f'<input type="hidden" name="request" value="{html.escape(fields["SAMLRequest"])}"><input name="username"><input type="password" name="password"><button>Sign in</button></form>')


def signed_in(portal, fields):
    request = portal.server.parse_authn_request(fields["request"], fields["binding"]).message
    key = os.urandom(16).hex()
    session = portal.sessions[key] = {"user": fields["username"], "services": {}}
    status, headers, body = respond(portal, session, request)
    return status, [*headers, ("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", f"idp={key}; HttpOnly; Path=/")], body


def respond(portal, session, request):
    args = portal.server.response_args(request, [BINDING_HTTP_POST])
    service = args["sp_entity_id"]
    name_id = portal.ident.construct_nameid(session["user"], portal.server.config.getattr("policy", "idp"), service,
                                            args["name_id_policy"])
    response = portal.server.create_authn_response(
        PEOPLE[session["user"]], args["in_response_to"], args["destination"], service, name_id=name_id,
        authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": portal.origin},
        session_not_on_or_after=time_util.in_a_while(hours=1) if portal.behaviour["sessionEnds"] else None)
    found = samlp.response_from_string(str(response)).assertion
    index = found[0].authn_statement[0].session_index if found else None
    session["services"].setdefault(service, []).append((name_id, index))
    return posted(response, args["destination"], "")


def posted(message, destination, relay_state, kind="SAMLResponse"):
    return page(http_form_post_message(str(message), destination, relay_state, kind)["data"])


def single_logout(portal, session, fields, binding, body):
    if "SAMLResponse" in fields:
        response = portal.server.parse_logout_request_response(fields["SAMLResponse"], binding)
        must_be_signed(portal, fields, binding, response.issuer(), response.response)
        return page(f"signed out: {response.response.status.status_code.value}")
    request = portal.server.parse_logout_request(body if binding == BINDING_SOAP else fields["SAMLRequest"], binding).message
    must_be_signed(portal, fields, binding, request.issuer.text, request)
    service = request.issuer.text
    for key, other in list(portal.sessions.items()):
        if any(str(name_id) == str(request.name_id) for name_id, _ in other["services"].get(service, [])):
            del portal.sessions[key]
    bindings = [binding]
    response = portal.server.create_logout_response(request, bindings, sign=signing(portal, binding))
    if binding == BINDING_SOAP:
        info = portal.server.apply_binding(binding, str(response), response=True, sign=False)
        return "200 OK", [("Content-Type", "text/xml")], info["data"]
    back = portal.server.response_args(request, bindings)
    return carried(portal, back["binding"], response, back["destination"], fields.get("RelayState", ""), True)


def carried(portal, binding, message, destination, relay_state, is_response):
    info = portal.server.apply_binding(binding, str(message), destination, relay_state, response=is_response, sign=True)
    if binding == BINDING_HTTP_REDIRECT:
        return "303 See Other", [("Location", dict(info["headers"])["Location"])], ""
    return page(info["data"])


def signing(portal, binding):
    """True signs in the XML; None leaves it to pysaml2, as its example does: it signs Redirect messages twice with sign_response."""
    return None if binding == BINDING_HTTP_REDIRECT and portal.behaviour["sign"] != "assertion" else binding != BINDING_HTTP_REDIRECT


def begin_logout(portal, environ, session):
    portal.sessions.pop(cookie_of(environ), None)
    [(service, signed)] = session["services"].items()
    name_id, index = signed[-1]
    binding = BINDINGS[portal.behaviour["logout"]]
    [entry, *_] = portal.server.metadata.single_logout_service(service, binding, "spsso")
    message = portal.server.create_logout_request(
        entry["location"], service, name_id=name_id, sign=signing(portal, binding),
        session_indexes=[index] if index and portal.behaviour["namesSessions"] else None)[1]
    if binding != BINDING_SOAP:
        return carried(portal, binding, message, entry["location"], "where-i-was", False)
    got = portal.server.send_using_soap(message, entry["location"], sign=False)
    response = portal.server.parse_logout_request_response(got.text, BINDING_SOAP)
    must_be_signed(portal, {}, BINDING_SOAP, service, response.response)
    return page(f"signed out: {response.response.status.status_code.value}")


main()
