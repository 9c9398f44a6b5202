// A certified OpenID provider (npm's oidc-provider) as an agency might run one, for tests on this machine alone.
//
// The configuration comes as one line of JSON on standard input; "ready" goes out once it listens. Its keys are given
// from outside, so that a provider that was stopped comes back as the same one. Nobody has a password: whoever is to
// sign in is chosen on a page. What lies below /test/ no real provider has: other keys, further clients, people who are
// forgotten, addresses that hang up.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { Provider } from 'oidc-provider';

const config = await new Promise((resolve) => {
  const input = createInterface({ input: process.stdin });
  input.once('line', (line) => resolve(JSON.parse(line)));
  // Whoever started this is gone.
  input.once('close', () => process.exit());
});
const stored = new Map();

// Kept beside the provider, because new keys mean a new provider object with the sessions of the old one.
class Store {
  constructor(model) {
    this.model = model;
  }

  key(id) {
    return `${this.model}:${id}`;
  }

  async upsert(id, payload, expiresIn) {
    stored.set(this.key(id), { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
  }

  async find(id) {
    const found = stored.get(this.key(id));
    return found && found.until > Date.now() ? found.payload : undefined;
  }

  async findBy(member, value) {
    for (const [key, { payload, until }] of stored) {
      if (key.startsWith(`${this.model}:`) && payload[member] === value && until > Date.now()) return payload;
    }
    return undefined;
  }

  async findByUid(uid) {
    return this.findBy('uid', uid);
  }

  async findByUserCode(code) {
    return this.findBy('userCode', code);
  }

  async consume(id) {
    const payload = await this.find(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    stored.delete(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const [key, { payload }] of stored) if (payload.grantId === grantId) stored.delete(key);
  }
}

// Whatever is asked for is granted without asking.
async function grantOf(ctx) {
  const { client, session, params, provider } = ctx.oidc;
  const known = session.grantIdFor(client.clientId);
  const grant = (known && (await provider.Grant.find(known)))
    || new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope ?? 'openid');
  for (const resource of [params.resource].flat().filter(Boolean)) {
    grant.addResourceScope(resource, params.scope ?? '');
  }
  await grant.save();
  return grant;
}

async function claimsInAccessToken(ctx, token) {
  const { AuthorizationCode, RefreshToken } = ctx.oidc.entities;
  const signedInAt = (AuthorizationCode ?? RefreshToken)?.authTime;
  return {
    ...config.client_claims[token.clientId],
    ...(token.accountId ? config.accounts[token.accountId] : {}),
    ...(signedInAt ? { auth_time: signedInAt } : {}),
  };
}

async function askWhetherToSignOut(ctx, form) {
  ctx.body = `<!doctype html><html lang="en"><title>Sign out</title>${form}
<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button></html>`;
}

function build(keys) {
  const provider = new Provider(config.issuer, {
    adapter: Store,
    jwks: { keys },
    clients: [],
    clientDefaults: { id_token_signed_response_alg: config.algorithm },
    cookies: { keys: [config.cookie_key] },
    findAccount: async (_ctx, sub) => (
      sub in config.accounts
        ? { accountId: sub, claims: async () => ({ ...config.accounts[sub], sub }) }
        : undefined
    ),
    claims: { openid: ['sub', ...new Set(Object.values(config.accounts).flatMap(Object.keys))], acr: null, sid: null },
    scopes: ['openid', 'offline_access', ...config.scopes],
    acrValues: config.acr_values,
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    // Each is used once: whoever comes with one a second time loses what was granted.
    rotateRefreshToken: true,
    loadExistingGrant: grantOf,
    extraTokenClaims: claimsInAccessToken,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AccessToken: 600, ClientCredentials: 600, IdToken: 600, Session: 3600, Grant: 3600, Interaction: 600 },
    // The provider's own guard against addresses of this machine would keep its back-channel logouts from us.
    fetch: (url, { dispatcher: _guard, ...options }) => globalThis.fetch(url, options),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: askWhetherToSignOut },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: async () => ({
          scope: config.scopes.join(' '),
          audience: config.audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: config.algorithm } },
        }),
        useGrantedResource: async () => true,
      },
    },
  });
  provider.on('server_error', (_ctx, error) => console.error(error));
  return { provider, handle: provider.callback() };
}

let current = build(config.keys);
let silent = [];

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

async function interact(request, response) {
  const { uid, prompt } = await current.provider.interactionDetails(request, response);
  if (request.method === 'POST') {
    const account = new URLSearchParams(await bodyOf(request)).get('account');
    const acr = config.acr_values[0];
    const result = account
      ? { login: { accountId: account, amr: ['mfa'], ...(acr ? { acr } : {}) }, consent: {} }
      : { error: 'access_denied' };
    await current.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    return;
  }
  const people = Object.keys(config.accounts).map(
    (name) => `<button name="account" value="${escaped(name)}">${escaped(name)}</button>`,
  );
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><html lang="en"><title>Sign in (${escaped(prompt.name)})</title>
<form method="post" action="/interaction/${uid}">${people.join('\n')}
<button name="account" value="">Cancel</button></form></html>`);
}

async function control(request, response) {
  const sent = JSON.parse(await bodyOf(request));
  if (request.url === '/test/keys') {
    current = build(sent.keys);
  } else if (request.url === '/test/clients') {
    await new Store('Client').upsert(sent.client_id, sent);
  } else if (request.url === '/test/silent') {
    silent = sent.paths;
  } else if (request.url === '/test/forgotten') {
    const grants = [...stored].filter(([key, { payload }]) => key.startsWith('Grant:') && payload.accountId === sent.account);
    for (const [, { payload }] of grants) await new Store('Grant').revokeByGrantId(payload.jti);
    for (const [key] of grants) stored.delete(key);
  } else if (request.url === '/test/refresh-tokens') {
    const live = [...stored].filter(([key, { payload }]) => (
      key.startsWith('RefreshToken:') && payload.accountId === sent.account && !payload.consumed
    ));
    response.end(String(live.length));
    return;
  } else {
    response.statusCode = 404;
  }
  response.end();
}

const server = createServer(async (request, response) => {
  try {
    if (silent.includes(request.url)) request.socket.destroy();
    else if (request.url.startsWith('/test/')) await control(request, response);
    else if (request.url.startsWith('/interaction/')) await interact(request, response);
    else await current.handle(request, response);
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end(String(error));
  }
});
for (const client of config.clients) await new Store('Client').upsert(client.client_id, client);
server.listen(new URL(config.issuer).port, '127.0.0.1', () => console.log('ready'));
