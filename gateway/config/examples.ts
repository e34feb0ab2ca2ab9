// One whole example of each kind of file. docs/configuration.md shows them, and a test loads them.

/** A gateway.yaml with every key. */
export const GATEWAY_EXAMPLE = `# yaml-language-server: $schema=schema/gateway.schema.json
publicUrl: https://login.example.com        # where browsers and identity providers reach the SAML endpoints
listen:
  http: 0.0.0.0:8080                        # where https is set, it only sends browsers there
  https: 0.0.0.0:8443
  backchannel: 0.0.0.0:8444                 # logout server to server, with client certificates
  admin: 127.0.0.1:9090                     # alive and ready, for probes: keep it off the network
tls:
  certificates: ../certs/tls                # NAME.crt and NAME.key pairs, read again when they change
  http2: true                               # to browsers; WebSockets come by HTTP/1.1
  hsts: 180d                                # or off
  clientCa: ../certs/idp-ca.crt             # who may call listen.backchannel
backchannelUrl: https://login.example.com:8444
trustedProxies: [10.0.0.0/8]                # whose X-Forwarded-* headers are believed
limits:                                     # for strangers
  signIns: { perAddress: 600/m, all: 6000/m }
  messages: { perAddress: 16MiB, all: 128MiB } # SAML messages that wait to be judged
  connections: { perAddress: 10000, all: off }
  adminTokens: 20/m                         # wrong ones
saml:
  entityId: https://login.example.com/saml/metadata
  keys:                                     # the first signs, all decrypt, all are published
    - { key: ../certs/sp.key, cert: ../certs/sp.crt }
  offerEncryption: true
  # aliases: { acs: [/mellon/postResponse], slo: [/mellon/logout] } # of the service provider before (docs/migrating.md)
  metadataCopies: ../data/metadata
  clockSkew: 3m
identityProviders:
  - name: corp
    title: Example Corporation                # what people read where they choose
    metadata: ../certs/corp-idp.xml           # or https://idp.example.com/metadata
    refresh: 1h                               # changes are taken over without a restart
    # entityId: https://idp.example.com       # which one, where the metadata holds several
    # signedBy: ../certs/federation.crt       # whose key must have signed the metadata
    # ca: ../certs/internal-ca.crt            # who vouches for its https address, if not the system's authorities
    # soapTls: { ca: ../certs/idp-ca.crt, cert: ../certs/curfew.crt, key: ../certs/curfew.key, serverName: idp.internal }
    issuers: []
    # attributes: { groups: urn:oid:1.3.6.1.4.1.5923.1.5.1.1 } # our names, and its own
    # nameId: \${attributes.uid}                # people are known by it; logouts still go by the NameID
    signOn:
      binding: auto
      responseBinding: post                   # artifact: the message is fetched from its server
      forceAuthn: false
      # authnContext: [https://refeds.org/profile/mfa]
      comparison: exact
      # order: [urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport, https://refeds.org/profile/mfa]
      # nameIdFormat: urn:oasis:names:tc:SAML:2.0:nameid-format:persistent
      allowCreate: true
    revalidate: off                           # 10m: asks again, by the next page, whether the person is still there
    logout:
      binding: auto
      onTimeout: false
      match: nameId
      # url: https://idp.example.com/samlsso?slo=true&spEntityID=\${entityId}&returnTo=\${returnTo}
    wantAssertionsEncrypted: false
    # clientCertificateNames: [idp.example.com] # with allow.tlsInsteadOfSignature
    allow:
      { unsolicitedResponse: false, sha1: false, rsa15: false, tripleDes: false, unsignedLogoutResponse: false, tlsInsteadOfSignature: false }
sessions:
  store: file:../data/curfew.db
  idle: 30m
  lifetime: 10h
  lease: 2s                                 # several nodes: how long one serves from memory when it does not hear from Redis
  redis: { prefix: curfew, waitReplicas: 0 } # further: { ca: …, certificate: …, key: …, sentinelPassword: … }
  secret: \${file:../certs/session.secret}   # \`curfew keys\` makes it
pages:                                      # what people meet: docs/pages.md
  language: en                              # for browsers that ask for none of de, en, es, fr, ja
  organisation: Example Corporation
  contact: help@example.com                 # or https://help.example.com, or "Service desk, extension 4711"
  logo: ../pages/logo.svg
  colours: { light: "#2d5bd0", dark: "#8fb0ff" }
  templates: ../pages                       # signed-out.html, signed-out.de.html, style.css …: docs/pages.md
jwt:
  keys: [../certs/jwt.key]                  # for apps with identity.jwt; the first signs, all are published
admin:
  token: \${file:../certs/admin.token}      # needed where listen.admin is not on loopback
  url: https://admin.example.com            # where administrators sign in: docs/administration.md
  identityProviders: [corp]
  access:                                   # as in the file of an app
    - { paths: [/**], methods: [GET], allow: { attributes: { groups: [helpdesk, sre] } } }
    - { authnContext: [https://refeds.org/profile/mfa], forceAuthnAfter: 15m, allow: { attributes: { groups: [sre] } } }
audit:                                      # docs/audit.md
  file: ../data/audit.jsonl                 # without it: among the lines of the log
  chain: true                               # so that \`curfew audit verify\` shows what was changed or removed
  nameIds: plain                            # or pseudonym
log:
  level: info
tracing:                                    # docs/tracing.md; without it nothing is traced
  endpoint: https://collector.example.com:4318/v1/traces
  headers: { Authorization: "\${env:OTLP_AUTHORIZATION}" }
  ca: ../certs/collector-ca.crt
  sample: 0.1                               # a tenth of the requests
  service: curfew
  trust: proxies                            # whose traceparent is gone on with
# workers: auto                             # processes; more than one needs a Redis store
reload: { onChange: true }                  # changed files are taken over by themselves
shutdown: { drain: 0s, finish: 10s }        # behind a load balancer: drain as long as it takes to read /readyz twice
`;

/** The file of an app with every key. */
export const APP_EXAMPLE = `# yaml-language-server: $schema=schema/app.schema.json
app: wiki
title: The Wiki                             # what people read
contact: wiki@example.com                   # whom they ask; default: pages.contact
hosts: [wiki.example.com]
path: /
upstream: https://10.0.4.12:443             # or http
upstreamTls: { ca: ../certs/wiki-ca.crt, cert: ../certs/curfew.crt, key: ../certs/curfew.key, serverName: wiki.internal }
identityProvider: corp                      # or identityProviders: [corp, partner], and people choose
# saml:                                     # registered by itself at the identity provider
#   entityId: https://wiki.example.com/.curfew/saml/metadata
#   aliases: { acs: [/Shibboleth.sso/SAML2/POST], slo: [/Shibboleth.sso/SLO/SOAP] }
#   keys: [{ key: ../certs/wiki.key, cert: ../certs/wiki.crt }] # default: those of gateway.yaml
access:                                     # the first rule that matches decides; where none does, the answer is no
  - { paths: [/public/**, /favicon.ico], allow: anyone }
  - { paths: [/admin/**], allow: { attributes: { groups: [wiki-admins] } } }
  - { paths: [/keys/**], authnContext: [https://refeds.org/profile/mfa], forceAuthnAfter: 15m, allow: authenticated }
  - { paths: [/import], methods: [POST], allow: { nameIds: [ada@example.com] } }
  - { paths: [/debug/**], allow: nobody }
  - { allow: authenticated }
identity:
  headers:
    Remote-User: \${nameId}
    X-Forwarded-Groups: \${attributes.groups}
  basic: { username: "\${credentials.user}", password: "\${credentials.password}" } # for apps that know only HTTP Basic
  jwt:                                      # for apps that check who says so
    header: X-Curfew-Assertion
    claims: { email: "\${attributes.mail}", groups: ["\${attributes.groups}"] }
    lifetime: 5m
caching: { pages: none }
timeouts: { connect: 5s, response: 60s, idle: 5m, client: 1m }
limits: { body: 100MiB, keptForm: 256KiB, connections: 256 } # keptForm: what was typed when the session ended
cookies:
  keep: gateway                             # gateway: with the session | browser: pass through
  expose: [XSRF-TOKEN]                      # cookies that the app's own scripts must read
signIn:                                     # where the app has accounts of its own
  credentials: secrets/wiki.yaml            # ada@example.com: { user: ada, password: … }
  form:
    page: /doku.php?do=login
    form: dw__login                         # text in the form, where the page has several
    fields: { u: "\${credentials.user}", p: "\${credentials.password}" }
    signedInWhen: { cookie: DW* }           # or { status: 200 } or { text: Log Out }
    expiredWhen: { status: [401], redirect: /login* }
signOut:
  paths: [/doku.php?do=logout]              # the app's own ways out become a whole logout
  call: { page: /doku.php, follow: do=logout } # or { method: POST, path: /logout }
  deadline: 3s
  required: false                           # true: a goodbye that fails makes the answer PartialLogout
  returnTo: https://portal.example.com/
`;
