// Wrong requests, in tables: what a test of abuse sends.

const encode = encodeURIComponent;
/** The parameter that the problem names is the one with the value, unless `named` says another. */
const of = (path, parameter, values, { status = 400, named = parameter.replace('[]', '') } = {}) =>
    values.map((value) => ({ status, parameter: named,
        path: `${path}${path.includes('?') ? '&' : '?'}${parameter}=${value}` }));
const repeat = (text, count) => Array.from({ length: count }, (_, i) => text.replace('#', i)).join('&');

const SELECTORS = ['', '{', '}', '{{', '{}}', 'a{', 'a}', 'a{b', 'a{b=', 'a{b="', 'a{b="c', 'a{b="c"',
    'a{b="c",', 'a{b="c"}}', 'a{b="c"} d', 'a b', 'a{b="c" d="e"}', 'a{b="c";d="e"}', 'a{,}',
    'a{,b="c"}', 'a{b="c",,d="e"}', 'a{="c"}', 'a{1="c"}', 'a{b-c="d"}', 'a{b:c="d"}', 'a{"b"="c"}',
    'a{b=c}', 'a{b=="c"}', 'a{b=!"c"}', 'a{b!"c"}', 'a{b<"c"}', 'a{b="c\\"}', 'a{b="\\x"}',
    'a{b="\\u0041"}', 'a{b="c\\', 'a{b=\'c"}', 'a{b=`c\'}', 'a{b=“c”}', '1a', '-a', 'a-b', 'a.b', 'ä',
    'a{b="c"}[5m]', 'rate(a)', 'a + b', 'a{b="c"} offset 5m', 'a=', 'a="b"', 'namemode="idle"',
    'namemode=idle', '=', '{b}', '{b=}', '{"a"', '"a"', '\\', '*', 'a*', '?', '\u0000', 'a\u0000',
    'a{b="\u0000"}', 'a{b="c\u0000d"}', '\u0000{', '\n', 'a\nb', '\t', ';', '#', 'a{b=~c}',
    'a{b~"c"}', 'a{b!!"c"}', 'a{b=~~"c"}', 'a{b=~"\\d"}', `a{${Array.from({ length: 200 }, (_, i) => `a${i}="b"`).join(',')}}`,
    'x'.repeat(3000) + '{', `a{b="${'\\\\'.repeat(500)}`, '{'.repeat(1000), '﻿a'];
/** Regular expressions that would be expensive or reach beyond the value, and some that are none. */
const PATTERNS = ['(*UTF)a', '(*UTF8)', '(*LIMIT_MATCH=4000000000)(a+)+$', '(*NO_JIT)a', 'a(*ACCEPT)',
    '(*:x)', '(?R)', '(?0)', '(a)(?1)', '(a(?1)?)', '(?+1)(a)', '(?P<x>a)(?P>x)', '(?&x)', '(a)\\1',
    '(a)\\g1', '(a)\\g{-1}', '(?P<x>a)\\k<x>', '(?P<x>a)(?P=x)', '(?=x)', '(?!x)', '(?<=x)', '(?<!x)',
    '(?C)', '(?C1)', '(?#x)', '(?(1)a)', '(?|a|b)', '(?>a)', '(?i)a', '(?x: a)', '(?<x>a)', '\\Qa',
    '\\Q(?=x)\\E', '[\\E^](?=x)]', '\\c\\(?=x)', '\\C', '\\K', '\\X', '[[:<:]]a', '[[:alpha:', '[[:alpha:]',
    '[', '[]', '[^]', '(', ')', '*', '+', '?a', '\\\\\\', '(((((((((((((((a+)+)+)+)+)', 'a{2,1}', '[z-a]',
    '((a{1,1000}){1,1000}){1,1000}', '(a?){1000}', '(((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}',
    '('.repeat(60) + ')'.repeat(60), 'a'.repeat(513), '\\p{Nothing}', '[[.a.]]', '[[:none:]]'];
const INVALID_UTF8 = ['%ff', '%c0%80', '%ed%a0%80', '%f8%88%80%80%80', 'a%7Bb=%22%ff', '%e2%82',
    '%fe%ff%00a'];
const GLOBS = ['', '%00', 'a%00', '%00*'];
const TIMES = ['', 'x', 'yesterday', '-', '--5m', '-5', '-5x', '-m', '+5m', '-5M', '-1.5h', '- 5m',
    '-5m5s', 'now-5m', 'NOW', 'now%20', '1e9', '0x10', '1_000', '99999999999999999999',
    '253402300800000', '18446744073709551616', '2026-11-22', '2026-11-22T14:30:00',
    '2026-11-22T14:30Z', '2026-11-22T14:30:00X', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z',
    '2026-02-30T00:00:00Z', '2026-11-31T00:00:00Z', '2026-11-22T24:00:00Z', '2026-11-22T14:60:00Z',
    '2026-11-22T14:30:61Z', '2026-11-22T14:30:00.Z', '2026-11-22T14:30:00%2B24:00',
    '2026-11-22T14:30:00%2B1:00', '2026-11-22T14:30:00Z%00', '-5m%00', '%00', '-99999999999d',
    '1,2', 'NaN', 'Infinity', '%ff', '１２３'];
const DURATIONS = ['', '0', '0s', '5', 's', '-5s', '1.5s', '5S', '5sec', '5 s', '1h30m', '25h', '2d',
    '99999999999999999999s', '9223372036854775807ms', '1e3ms', 'auto', '%00', '5s%00'];
const NUMBERS = ['', '0', '-1', '10001', '1.5', '1e3', 'x', '0x10', '18446744073709551617', '10%00',
    '+1', '1%20'];
const IDS = ['', ',', '1,', ',1', '1,,2', '-', '1-', '-1', '5-1', '1-2-3', 'a', '1 2', '1;2', '0x1',
    '4294967296', '99999999999999999999', '1.5', '*', '1%00', '%00',
    Array.from({ length: 513 }, (_, i) => i).join(',')];

/**
 * Wrong as a query. closed: an end of the connection without an answer is right too. The epoch is
 * the daemon's own.
 * @param {string} epoch
 * @returns {{path: string, status: number, parameter?: ?string, closed?: boolean}[]} parameter:
 *     the problem has to name it; null: none is to blame; undefined: whatever it says
 */
export function wrongQueries(epoch) {
    const history = '/v1/history?name=node_load1';
    return [
        ...of('/v1/now', 'match', [...SELECTORS,
            ...PATTERNS.flatMap((text) => [`a{b=~"${text}"}`, `{b!~"${text}"}`])].map(encode)), ...of('/v1/now', 'match[]', ['{', 'a{']),
        ...of('/v1/stream', 'match', INVALID_UTF8), ...of('/v1/catalog', 'name', GLOBS),
        ...of('/v1/now', 'label', ['', 'a', ':', ':a', '%00:a', 'a%00:b', '=']),
        ...of(history, 'from', TIMES), ...of(history, 'to', ['', 'x', '-']),
        ...of(history, 'to', ['0', '-10d&from=-5d'], { named: 'from' }),
        ...of(history, 'from', ['now&to=-5m', '-5m&to=-5m', '2030-01-01T00:00:00Z']),
        ...of(history, 'step', DURATIONS), ...of(history, 'points', NUMBERS),
        ...of(history, 'agg', ['', 'mean', 'avg,', ',avg', 'avg;min', 'AVG', 'avg,sum', 'p99', 'avgmin',
            'avg%00']),
        ...of(history, 'values', ['', 'both', 'RAW', 'raw%00']),
        ...of(history, 'format', ['', 'xml', 'values']), ...of('/v1/now', 'format', ['', 'xml', 'JSON', 'json%00', 'value,json']),
        ...of('/v1/now', 'over', [...DURATIONS, '999ms', '513s']), ...of('/v1/now', 'values', ['', 'x', 'RAW']),
        ...of('/v1/now', 'wait', [...DURATIONS, '999ms', '61s']), ...of('/v1/now', 'since', ['1', '', 'x']),
        ...of('/v1/now?wait=1s', 'since', ['', 'x', '-1', '1.5', '1-', '-', `${epoch}`, `${epoch}-`, `${epoch}-x`,
            'x-1', '1%00', '99999999999999999999', `${epoch}-1-2`]),
        ...of('/v1/now', 'digits', ['', '0', '7', '-6', '6.0', '17%00', '99999999999999999999']),
        ...of(`/v1/now?epoch=${epoch}`, 'id', IDS),
        ...of('/v1/now', 'id', ['1', '1,2', '1-3'], { named: 'epoch' }),
        ...of('/v1/now', 'epoch', ['', '0', 'x', '0123456789abcdef', `${epoch}0`, `${epoch}%00`,
            epoch.toUpperCase() + 'X', '%00'], { status: 410 }),
        ...['x=1', 'Name=a', 'name[]=a', '=1', '%00=1', 'name%00=a', 'from=now', '&x', 'x',
            '%ff=1'].map((query) => ({ path: `/v1/now?${query}`, status: 400 })),
        ...of('/v1/now?format=json', 'format', ['json', 'value']),
        ...of('/v1/now?digits=6', 'digits', ['17', '']),
        ...of(`/v1/now?epoch=${epoch}`, 'epoch', [epoch, 'x']),
        /* libmicrohttpd closes without a word where its memory for headers is full. */
        ...[repeat('name=a#', 128), repeat('name=a#', 200), repeat('x#=', 300),
            repeat('&', 500) + 'x', repeat('match=a#', 130)]
            .map((query) => ({ path: `/v1/now?${query}`, status: 400, closed: true })),
        ...['/v1/info?x=1', '/healthz?x', '/readyz?name=a', '/v1/catalog?format=json', '/v1/history',
            '/v1/stream?last_event_id=a&last_event_id=b', '/v1/stream?from=-5m', '/v1/history?id=1',
            '/v1/history?name=node_load1&from=-1m&from=-2m', '/v1/history?format=xml&name=a', '/v1/stream?format=csv']
            .map((path) => ({ path, status: 400 })),
    ];
}

/** Paths that are not there, and those of others. */
export const wrongPaths = ['/v1', '/v1/', '/v1/nope', '/V1/now', '/v1/now/', '/v1//now', '//v1/now',
    '/v1/./now', '/v1/../v1/now', '/../../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/etc/passwd',
    '/%2e%2e%2f%2e%2e%2fetc%2fpasswd', '/..\\..\\etc\\passwd', '/%5c..%5c', '/%00', '/v1/now%00',
    '/v1/%00now', '/app.js%00.html', '/%', '/%zz', '/%ff', '/%c0%ae%c0%ae/', '/index.html', '/app.js/',
    '/App.js', '/favicon.ico', '/robots.txt', '/.git/config', '/.env', '/proc/self/environ', '/metrics/',
    '/api/v1/query', '/a'.repeat(1000), `/${'x'.repeat(4000)}`, '/v1/now;x=1', '/v1/now,', '/ä', '/*',
    '/{}', '/"', '/<script>', '/v1/now:80', '/http://example.test/'];

const request = (line, headers = '') => `${line} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
const clientHello = Buffer.concat([Buffer.from('16030100c5010000c10303', 'hex'), Buffer.alloc(192, 7)]);

/**
 * Wrong as HTTP: the bytes as they are; an array is sent with pauses. `answers`: statuses of which
 * the first answer has one, or null where closing without a word is right too.
 * @type {{what: string, bytes: Buffer | string | (Buffer | string)[], answers: (?number)[]}[]}
 */
export const wrongBytes = [
    ...['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'get', 'Get', 'GETT', 'G', 'M-SEARCH',
        'x'.repeat(300), 'G\u0000T', 'PRI'].map((method) => ({ what: `method ${method.slice(0, 9)}`,
        bytes: request(`${method} /v1/now`), answers: [405, 400, null] })),
    ...['CONNECT example.test:80', 'OPTIONS *', 'GET example.test', 'GET http://example.test/',
        'GET *'].map((line) => ({ what: line, bytes: request(line), answers: [404, 405, 400] })),
    { what: 'a body', bytes: request('POST /v1/now', 'Content-Length: 5\r\n') + 'hello', answers: [405] },
    { what: 'a body that is cut', bytes: request('POST /v1/now', 'Content-Length: 50\r\n') + 'hello',
        answers: [405, null] },
    { what: 'a body that is longer', bytes: request('POST /v1/now', 'Content-Length: 1\r\n') + 'hello',
        answers: [405] },
    { what: 'a body of 1 MB', bytes: request('POST /v1/now', 'Content-Length: 1000000\r\n') +
        'x'.repeat(1000000), answers: [405, 413, null] },
    { what: 'a body for GET', bytes: request('GET /v1/nope', 'Content-Length: 5\r\n') + 'hello',
        answers: [404] },
    ...['abc', '-1', '99999999999999999999999', '1, 2', '0x10', '', '5 5'].map((length) =>
        ({ what: `Content-Length ${length}`, answers: [400, 405, 413, null],
            bytes: request('POST /v1/now', `Content-Length: ${length}\r\n`) + 'hello' })),
    { what: 'two lengths', answers: [400, 405],
        bytes: request('POST /v1/now', 'Content-Length: 5\r\nContent-Length: 6\r\n') + 'hello' },
    ...['zzz\r\n', '-1\r\n', 'ffffffffffffffff1\r\nx', '5\r\nhelloX', '5;x=y\r\nhel', '\r\n\r\n', '0\r\n'].map(
        (chunk) => ({ what: `chunk ${JSON.stringify(chunk)}`, answers: [405, 400, 413, null],
            bytes: request('POST /v1/now', 'Transfer-Encoding: chunked\r\n') + chunk })),
    { what: 'an unknown coding', answers: [405, 400],
        bytes: request('POST /v1/now', 'Transfer-Encoding: tar\r\n') },
    { what: 'coding and length', answers: [405, 400],
        bytes: request('POST /v1/now', 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n') + '0\r\n\r\n' },
    { what: 'a header of 1 MB', bytes: request('GET /', `X: ${'x'.repeat(1 << 20)}\r\n`), answers: [431, null] },
    { what: '10,000 headers', bytes: request('GET /', 'X: y\r\n'.repeat(10000)), answers: [431, null] },
    { what: 'a name of 1 MB', bytes: request('GET /', `${'x'.repeat(1 << 20)}: y\r\n`), answers: [431, null] },
    { what: 'a target of 1 MB', bytes: request(`GET /${'x'.repeat(1 << 20)}`), answers: [414, 431, null] },
    { what: 'a line without an end', bytes: 'x'.repeat(1 << 20), answers: [400, 414, 431, null] },
    { what: 'a header without a colon', bytes: request('GET /nope', 'nonsense\r\n'), answers: [400] },
    { what: 'a header without a name', bytes: request('GET /nope', ': x\r\n'), answers: [400, 404] },
    { what: 'a folded header', bytes: request('GET /nope', 'X: a\r\n b\r\n'), answers: [404, 400] },
    { what: 'a zero in a header', bytes: request('GET /nope', 'X: a\u0000b\r\n'), answers: [400, 404] },
    { what: 'binary header', bytes: Buffer.from(request('GET /nope', 'X: \xff\x01\x02\r\n'), 'latin1'),
        answers: [400, 404] },
    { what: 'bare newlines', bytes: 'GET /nope HTTP/1.1\nHost: localhost\n\n', answers: [404, 400] },
    { what: 'HTTP/0.9', bytes: 'GET /\r\n', answers: [400, null] },
    /* libmicrohttpd's own answer to a version that it does not speak; no failure of the daemon. */
    ...['HTTP/0.9', 'HTTP/2.0', 'HTTP/1', 'HTTP/9.9', 'HTCPCP/1.0', ''].map((version) => ({
        what: `version ${version}`, bytes: `GET /nope ${version}\r\nHost: localhost\r\n\r\n`,
        answers: [400, 404, 505, null] })),
    { what: 'HTTP/2 preface', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', answers: [400, 404, 405, 505, null] },
    { what: 'TLS ClientHello', bytes: clientHello, answers: [400, null] },
    { what: 'zeros', bytes: Buffer.alloc(2000), answers: [400, null] },
    { what: 'all bytes', bytes: Buffer.from(Array.from({ length: 2048 }, (_, i) => i & 255)),
        answers: [400, null] },
    { what: 'random bytes', bytes: Buffer.from(Array.from({ length: 3000 },
        (_, i) => (i * 7919 + (i >> 3) * 104729) & 255)), answers: [400, 405, 404, null] },
    { what: 'newlines', bytes: '\r\n'.repeat(5000), answers: [400, 414, 431, null] },
    { what: 'nothing', bytes: '', answers: [null] },
    ...['G', 'GET', 'GET /v1', 'GET /v1/now HTTP/1.1', 'GET /v1/now HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHo',
        'GET / HTTP/1.1\r\nHost: localhost\r\n'].map((part) => ({ what: `half: ${part.slice(0, 24)}`, bytes: part,
        answers: [null, 400] })),
    { what: 'a byte at a time', bytes: [...request('GET /nope')], answers: [404] },
    { what: 'a byte at a time, then nothing', bytes: [...'GET /v1/now HTTP/1.1\r\nHost: '], answers: [null] },
    { what: 'pipelined, the last cut', answers: [404],
        bytes: request('GET /nope').repeat(20) + 'GET /nope HTTP/1.1\r\nHo' },
    { what: '200 pipelined', bytes: request('GET /nope').repeat(200), answers: [404] },
    { what: 'a request behind the stream\'s', answers: [405],
        bytes: request('POST /v1/stream', 'Content-Length: 0\r\n') + request('GET /v1/info') },
];
