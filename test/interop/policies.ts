// What an operator writes so that curfew signs people in to DokuWiki and Adminer, and tells them goodbye.

/** Accounts of the applications, by NameID. Adminer has one for everybody, as databases do. */
export const CREDENTIALS = JSON.stringify({
  'alice@example.test': { user: 'alice', password: 'wikipw' },
  'bob@example.test': { user: 'bob', password: 'wikipw' },
});

export const DOKUWIKI_SIGN_IN = `signIn:
  credentials: people.json
  form:
    page: /doku.php?id=start&do=login
    fields: { u: '\${credentials.user}', p: '\${credentials.password}' }
    signedInWhen: { cookie: 'DW*' }
`;

export const DOKUWIKI = `${DOKUWIKI_SIGN_IN}signOut:
  paths: ['/doku.php?do=logout']
  call: { page: /doku.php, follow: do=logout }
  required: true
`;

/** The page of its one database, for people who are signed in. */
export const ADMINER_PAGE = '/?sqlite=&username=legacy&db=demo.sqlite';

export const ADMINER_SIGN_IN = `signIn:
  form:
    page: /
    fields:
      'auth[driver]': sqlite
      'auth[username]': legacy
      'auth[password]': legacypw
      'auth[db]': demo.sqlite
    signedInWhen: { text: 'name="logout"' }
`;

export const ADMINER = `${ADMINER_SIGN_IN}signOut:
  call: { page: '${ADMINER_PAGE}', follow: logout=Logout }
  required: true
`;

export const NAGIOS_PAGE = '/cgi-bin/nagios4/status.cgi?host=all&style=hostdetail';

/** Knows only HTTP Basic, and has no sign-out: whoever has the password is in. */
export const NAGIOS = `  basic: { username: '\${credentials.user}', password: '\${credentials.user}pw' }
signIn: { credentials: people.json }
`;
