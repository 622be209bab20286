// A service as many are written: Express, measured with prom-client, which somebody scrapes.
// node shop.mjs [PORT]: prints where it listens.

import express from 'express';
import client from 'prom-client';

const BLOCK_MS_MOST = 5000;

client.collectDefaultMetrics();
const duration = new client.Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took.',
    labelNames: ['method', 'route', 'code'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
});
const orders = new client.Counter({
    name: 'shop_orders_total',
    help: 'Orders that were made.',
    labelNames: ['plan'],
});
const app = express();

app.get('/metrics', async (request, response) => {
    response.set('Content-Type', client.register.contentType);
    response.send(await client.register.metrics());
});
app.use((request, response, next) => {
    const stop = duration.startTimer({ method: request.method });
    response.on('finish', () => stop({ route: request.route?.path ?? 'none',
        code: response.statusCode }));
    next();
});
app.get('/', (request, response) => {
    response.json({ hello: 'world' });
});
app.get('/order', (request, response) => {
    orders.inc({ plan: request.query.plan === 'paid' ? 'paid' : 'free' });
    response.status(201).json({ ordered: true });
});
app.get('/fail', (request, response) => {
    response.status(500).json({ error: 'on purpose' });
});
// What nobody should do: nothing else is answered meanwhile.
app.get('/block', (request, response) => {
    const ms = Math.min(BLOCK_MS_MOST, Number(request.query.ms) || 0);
    for (const end = performance.now() + ms; performance.now() < end;);
    response.json({ blocked_ms: ms });
});

const server = app.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});
