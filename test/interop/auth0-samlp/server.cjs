// An identity provider on Auth0's own library, kept as thin as its README's wiring allows. For tests only.
// Environment: KEY, CERT (PEM files), BEHAVIOUR (a JSON file, read with each request:
// { sps: [{ id, acs, cert, logout: { redirect, post } }], logout: 'redirect' | 'post', sign: 'assertion' | 'response' | 'both', encrypt: boolean, algorithm: 'rsa-sha256' | 'rsa-sha1' }).
'use strict';

const { createPublicKey, randomBytes } = require('node:crypto');
const { readFileSync } = require('node:fs');
const express = require('express');
const session = require('express-session');
const samlp = require('samlp');
const SessionParticipants = require('samlp/lib/sessionParticipants');

const key = readFileSync(process.env.KEY, 'utf8');
const cert = readFileSync(process.env.CERT, 'utf8');
const issuer = 'urn:test:auth0-samlp';
const behaviour = () => JSON.parse(readFileSync(process.env.BEHAVIOUR, 'utf8'));
const BINDING = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
};
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const PEOPLE = {
  alice: { password: 'alicepw', displayName: 'Alice Möller', groups: ['staff', 'admins'] },
  bob: { password: 'bobpw', displayName: 'Bob Okafor', groups: ['staff'] },
};

// Auth0's own form of NameID: the same for every service provider, with a vertical line in it.
const nameIdOf = (user) => `auth0|${user.name}`;
function profileMapper(user) {
  return {
    getClaims: () => ({ displayName: user.displayName, groups: user.groups, uid: user.name }),
    getNameIdentifier: () => ({ nameIdentifier: nameIdOf(user), nameIdentifierFormat: UNSPECIFIED }),
  };
}
profileMapper.prototype.metadata = [];

const app = express();
app.use(express.urlencoded({ extended: false }));
app.use(
  session({ secret: randomBytes(16).toString('hex'), resave: false, saveUninitialized: true, name: 'samlp.sid' }),
);

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

app.get(
  '/metadata',
  samlp.metadata({
    issuer,
    cert,
    profileMapper,
    redirectEndpointPath: '/samlp',
    postEndpointPath: '/samlp',
    logoutEndpointPaths: { redirect: '/logout', post: '/logout' },
  }),
);

app.post('/login', (request, response) => {
  const { username, password, next } = request.body;
  const person = Object.hasOwn(PEOPLE, username) ? PEOPLE[username] : undefined;
  if (person?.password !== password || !next.startsWith('/')) return response.status(403).send('no');
  request.session.user = { name: username, displayName: person.displayName, groups: person.groups };
  request.session.participants ??= [];
  response.redirect(next);
});

app.get('/samlp', (request, response, next) => {
  const { user } = request.session;
  if (!user) {
    return response.send(`<form method="post" action="/login"><input type="hidden" name="next" value="${escaped(request.originalUrl)}">
<input name="username"><input type="password" name="password"><button>Sign in</button></form>`);
  }
  const { sps, sign, logout, encrypt, algorithm } = behaviour();
  samlp.parseRequest(request, {}, (error, authnRequest) => {
    const sp = sps.find(({ id }) => id === authnRequest?.issuer);
    if (error || !sp) return next(error ?? new Error(`unknown service provider ${authnRequest?.issuer}`));
    const sessionIndex = `_${randomBytes(16).toString('hex')}`;
    samlp.auth({
      issuer,
      cert,
      key,
      profileMapper,
      sessionIndex,
      audience: sp.id,
      recipient: sp.acs,
      destination: sp.acs,
      signingCert: sp.cert,
      getUserFromRequest: () => user,
      getPostURL: (_audience, _document, _request, done) => done(null, sp.acs),
      signResponse: sign !== 'assertion',
      signAssertion: sign !== 'response',
      signatureAlgorithm: algorithm,
      digestAlgorithm: algorithm.slice(4),
      ...(encrypt && encryptionFor(sp)),
      includeAttributeNameFormat: true,
      typedAttributes: true,
      responseHandler: (message) => {
        request.session.participants.push({
          serviceProviderId: sp.id,
          sessionIndex,
          nameId: nameIdOf(user),
          nameIdFormat: UNSPECIFIED,
          serviceProviderLogoutURL: sp.logout[logout],
          binding: BINDING[logout],
          cert: sp.cert,
        });
        response.send(`<body onload="document.forms[0].submit()"><form method="post" action="${escaped(sp.acs)}">
<input type="hidden" name="SAMLResponse" value="${message.toString('base64')}">
<input type="hidden" name="RelayState" value="${escaped(request.query.RelayState ?? '')}"></form></body>`);
      },
    })(request, response, next);
  });
});

const encryptionFor = ({ cert: spCert }) => ({
  encryptionCert: spCert,
  encryptionPublicKey: createPublicKey(spCert).export({ type: 'spki', format: 'pem' }),
  encryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
});

// A middleware for each exchange: logout() keeps the destination in the options it was given.
const singleLogout = (request, response, next) =>
  samlp.logout({
    issuer,
    cert,
    key,
    deflate: behaviour().deflate,
    protocolBinding: BINDING[behaviour().logout],
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    sessionParticipants: new SessionParticipants(request.session.participants ?? []),
    clearIdPSession: (done) => {
      request.session.user = undefined;
      request.session.participants = [];
      done();
    },
  })(request, response, next);
app.get('/logout', singleLogout);
app.post('/logout', singleLogout);

app.get('/session', (request, response) => {
  const { user, participants = [] } = request.session;
  response.json({ user: user?.name ?? null, participants: participants.length });
});
app.use((error, _request, response, _next) => response.status(400).type('text').send(`samlp: ${error.message}`));

const server = app.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
