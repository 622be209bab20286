// A service that tells StatsD what it does, with hot-shots.
// node checkout.mjs STATSD_PORT [PORT]: prints where it listens.

import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { StatsD } from 'hot-shots';

const TELL_MS = 250;
/** A tick of a second has the highest delay of that second, whichever gauge it finds. */
const TOLD_AGAIN = 5;
const BLOCK_MS_MOST = 5000;
const ROUTES = { '/': 200, '/pay': 200, '/block': 200, '/fail': 500 };

const statsd = new StatsD({ host: '127.0.0.1', port: Number(process.argv[2]), prefix: 'checkout.',
    maxBufferSize: 1400, bufferFlushInterval: 100, errorHandler: () => {} });
const delay = monitorEventLoopDelay({ resolution: 10 });
const highest = [];

function tell() {
    highest.push(delay.max / 1e9);
    highest.splice(0, highest.length - TOLD_AGAIN);
    const { heapUsed, heapTotal, rss } = process.memoryUsage();
    statsd.gauge('heap_used_bytes', heapUsed);
    statsd.gauge('heap_total_bytes', heapTotal);
    statsd.gauge('resident_bytes', rss);
    statsd.gauge('event_loop_delay_max_seconds', Math.max(...highest));
    statsd.gauge('event_loop_delay_p99_seconds', delay.percentile(99) / 1e9);
    statsd.gauge('event_loop_delay_p50_seconds', delay.percentile(50) / 1e9);
    delay.reset();
}

const server = createServer((request, response) => {
    const began_ms = performance.now();
    const { pathname: route, searchParams } = new URL(request.url, 'http://localhost');
    const code = ROUTES[route] ?? 404;
    if (route === '/block') {
        const ms = Math.min(BLOCK_MS_MOST, Number(searchParams.get('ms')) || 0);
        for (const end = began_ms + ms; performance.now() < end;);
    }
    response.on('finish', () => {
        const tags = { route: ROUTES[route] ? route : 'none' };
        statsd.timing('request.duration', performance.now() - began_ms, tags);
        statsd.increment('requests', 1, { ...tags, code: String(code) });
    });
    response.writeHead(code, { 'content-type': 'application/json' }).end('{}');
});

delay.enable();
setInterval(tell, TELL_MS);
server.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});
