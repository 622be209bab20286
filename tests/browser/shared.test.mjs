// How tabs share a stream, without a browser: what a joiner is told, who is dropped, what a tab
// does about a worker that does not answer.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Hub } from '../../static/src/hub.js';
import { Latest } from '../../static/src/latest.js';
import { SharedStream } from '../../static/src/shared_stream.js';
import { Store } from '../../static/src/store.js';
import { sleep, until } from '../support/wait.mjs';

const SERIES = [1, 2, 3].map((id) => ({ id, name: `n${id}`, labels: {} }));
const HELLO = { epoch: 'a', seq: 4, interval_ms: 1000, series: SERIES.slice(0, 2) };
const tick = (seq, v, flags = []) => ({ seq, time_ms: seq * 1000, flags, v });
const live = { phase: 'live', quiet_ms: 0 };
/** What the first tab of startedHub() is told. */
const JOINED = ['phase', 'hello', 'tick', 'phase'];

// --- what a joiner is told ---

test('nothing is known before the first hello', () => {
    const latest = new Latest();
    assert.equal(latest.hello, null);
    assert.equal(latest.tick, null);
});

test('a joiner gets the series and all values as of the last tick', () => {
    const latest = new Latest();
    latest.begin(HELLO);
    assert.deepEqual(latest.hello, HELLO);
    assert.equal(latest.tick, null, 'the complete tick is still to come');
    latest.apply(tick(4, [[1, 10], [2, 20]]));
    latest.apply(tick(5, [[1, 11]], ['late']));
    assert.deepEqual(latest.hello, { ...HELLO, seq: 5 });
    assert.deepEqual(latest.tick, tick(5, [[1, 11], [2, 20]], ['late']));
    latest.apply(tick(6, [[2, null]]));
    assert.deepEqual(latest.tick, tick(6, [[1, 11]]), 'what became absent is absent');
});

test('series that came and went have done so for a joiner', () => {
    const latest = new Latest();
    latest.begin(HELLO);
    latest.apply(tick(4, [[1, 10], [2, 20]]));
    latest.change({ add: [SERIES[2]], gone: [1] });
    assert.deepEqual(latest.hello.series.map(({ id }) => id), [2, 3]);
    assert.deepEqual(latest.tick.v, [[2, 20]]);
    latest.change({ gone: [3] });
    latest.change({});
    assert.deepEqual(latest.hello.series.map(({ id }) => id), [2]);
});

test('nothing of before a hello is told after it', () => {
    const latest = new Latest();
    latest.begin(HELLO);
    latest.apply(tick(4, [[1, 10]]));
    latest.begin({ ...HELLO, epoch: 'b', seq: 1, series: [SERIES[2]] });
    assert.deepEqual(latest.hello, { ...HELLO, epoch: 'b', seq: 1, series: [SERIES[2]] });
    assert.equal(latest.tick, null);
    latest.apply(tick(2, [[3, 30]]));
    assert.deepEqual(latest.tick.v, [[3, 30]]);
});

// --- who is told ---

/** Stands for Stream, in a Hub. */
class FakeStream {
    static last;
    calls = [];

    constructor(url, handlers) {
        this.url = url;
        this.handlers = handlers;
        FakeStream.last = this;
    }

    open() {
        this.calls.push('open');
        this.handlers.phase({ phase: 'connecting', quiet_ms: 0 });
    }

    close() {
        this.calls.push('close');
        this.handlers.phase({ phase: 'paused', quiet_ms: 0 });
    }

    hurry() {
        this.calls.push('hurry');
    }
}

/** A tab's port, with the state that the tab would have. */
class FakeTab {
    told = [];
    store = new Store(10000);

    postMessage(message) {
        const [event, data] = structuredClone(message);
        this.told.push(event);
        if (event === 'hello')
            this.store.begin(data);
        else if (event === 'tick')
            this.store.apply(data);
        else if (event === 'series')
            this.store.change(data);
    }

    values() {
        return SERIES.map(({ id }) => this.store.reader(id)(-1));
    }
}

function startedHub(options = {}) {
    const hub = new Hub('/v1/stream?x', { Source: FakeStream, ...options });
    const first = new FakeTab();
    hub.attach(first);
    const { handlers } = FakeStream.last;
    handlers.hello(HELLO);
    handlers.tick(tick(4, [[1, 10], [2, 20]]));
    handlers.phase(live);
    return { hub, first, stream: FakeStream.last, handlers };
}

test('whoever joins gets hello, one complete tick and the phase, then what all get', () => {
    const { hub, first, stream, handlers } = startedHub();
    handlers.series({ add: [SERIES[2]], gone: [1] });
    handlers.tick(tick(5, [[3, 30]]));
    const second = new FakeTab();
    hub.attach(second);
    assert.deepEqual(second.told, ['hello', 'tick', 'phase']);
    assert.deepEqual(second.values(), [NaN, 20, 30]);
    handlers.tick(tick(6, [[2, 21], [3, null]]));
    assert.deepEqual(second.values(), [NaN, 21, NaN]);
    assert.deepEqual(second.values(), first.values(), 'as if it had been there all the time');
    assert.deepEqual(first.told, [...JOINED, 'series', 'tick', 'tick']);
    assert.deepEqual(stream.calls, ['open']);
    assert.equal(stream.url, '/v1/stream?x');
    hub.detach(first);
    hub.detach(second);
});

test('a tab that joins between hello and its tick gets that tick with the others', () => {
    const { hub, first, handlers } = startedHub();
    handlers.hello({ ...HELLO, seq: 9 });
    const second = new FakeTab();
    hub.attach(second);
    assert.deepEqual(second.told, ['hello', 'phase']);
    handlers.tick(tick(9, [[2, 29]]));
    assert.deepEqual(second.values(), [NaN, 29, NaN]);
    assert.deepEqual(first.values(), second.values());
    hub.detach(first);
    hub.detach(second);
});

test('a tab that is there already is told nothing twice', () => {
    const { hub, first } = startedHub();
    hub.attach(first);
    assert.deepEqual(first.told, JOINED);
    assert.equal(hub.size, 1);
    hub.detach(first);
});

test('the stream ends with the last tab, and begins anew with the next', () => {
    const { hub, first, stream, handlers } = startedHub();
    const second = new FakeTab();
    hub.attach(second);
    hub.detach(first);
    hub.detach(first);
    handlers.tick(tick(5, [[1, 11]]));
    assert.deepEqual(first.told, JOINED, 'who left is told no more');
    assert.deepEqual(stream.calls, ['open']);
    hub.detach(second);
    assert.deepEqual(stream.calls, ['open', 'close']);

    const third = new FakeTab();
    hub.attach(third);
    assert.deepEqual(stream.calls, ['open', 'close', 'open']);
    assert.deepEqual(third.told, ['phase'], 'what was before is too old to tell');
    hub.detach(third);
});

test('a tab that is silent is dropped, and greeted when it is heard again', async () => {
    const { hub, first, stream, handlers } = startedHub({ silent_ms: 200 });
    const crashed = new FakeTab();
    hub.attach(crashed);
    const beat = setInterval(() => hub.attach(first), 20);
    await until('dropped', () => hub.size === 1, { timeout_ms: 2000 });
    handlers.tick(tick(5, [[1, 11]]));
    assert.deepEqual(crashed.told, ['hello', 'tick', 'phase']);
    assert.equal(first.told.at(-1), 'tick');
    hub.attach(crashed);
    assert.deepEqual(crashed.values(), [11, 20, NaN]);
    clearInterval(beat);
    await until('the last one, too', () => stream.calls.at(-1) === 'close', { timeout_ms: 2000 });
});

// --- the tab's side ---

const TIMES = { answer_ms: 60, beat_ms: 40 };
const globals = { SharedWorker: globalThis.SharedWorker, EventSource: globalThis.EventSource };
let workers, sources, page, heard, notes, stream;

/** A worker as a tab sees it; tests answer for it. */
class FakeWorker {
    said = [];

    constructor(url) {
        this.url = url;
        const port = {
            postMessage: (message) => this.said.push(message[0]),
            close: () => this.said.push('(closed)'),
        };
        this.port = port;
        workers.push(this);
    }

    tell(event, data) {
        this.port.onmessage({ data: [event, data] });
    }
}

class FakeSource extends EventTarget {
    closed = false;

    constructor(url) {
        super();
        this.url = url;
        sources.push(this);
    }

    close() {
        this.closed = true;
    }

    send(event, data) {
        this.dispatchEvent(Object.assign(new Event(event), { data: JSON.stringify(data) }));
    }
}

beforeEach(() => {
    [workers, sources, heard, notes] = [[], [], [], []];
    page = new EventTarget();
    Object.assign(globalThis, {
        SharedWorker: FakeWorker, EventSource: FakeSource,
        addEventListener: (...given) => page.addEventListener(...given),
        removeEventListener: (...given) => page.removeEventListener(...given),
    });
    const note = (event) => (data) => heard.push(event === 'phase' ? data.phase : event);
    stream = new SharedStream('/v1/stream?x', { hello: note('hello'), tick: note('tick'),
        series: note('series'), phase: note('phase') }, '/worker.js?v=1', TIMES);
});
const { info } = console;
beforeEach(() => {
    console.info = (text) => notes.push(text);
});
afterEach(() => {
    stream.close();
    console.info = info;
    Object.assign(globalThis, globals);
    delete globalThis.addEventListener;
    delete globalThis.removeEventListener;
});

test('a tab opens, says that it is there, and closes', async () => {
    stream.open();
    const [worker] = workers;
    assert.equal(worker.url, '/worker.js?v=1');
    worker.tell('hello', HELLO);
    worker.tell('tick', tick(4, []));
    worker.tell('phase', live);
    worker.tell('here');
    await until('a beat', () => worker.said.includes('here'), { timeout_ms: 1000 });
    worker.tell('here');
    stream.close();
    worker.tell('tick', tick(5, []));
    assert.deepEqual(heard, ['connecting', 'hello', 'tick', 'live', 'paused']);
    assert.deepEqual(worker.said, ['open', 'here', 'close', '(closed)']);
    await sleep(2 * (TIMES.answer_ms + TIMES.beat_ms));
    assert.equal(worker.said.length, 4, 'a closed one is silent');
    assert.deepEqual([workers.length, sources.length, notes.length], [1, 0, 0]);
});

test('opening again asks to hurry, with no second worker', () => {
    stream.open();
    stream.open();
    assert.deepEqual(workers.map(({ said }) => said), [['open', 'open']]);
    assert.deepEqual(heard, ['connecting']);
});

test('a worker that falls silent is replaced; two in a row are not', async () => {
    stream.open();
    workers[0].tell('phase', live);
    workers[0].tell('here');
    await until('another', () => workers.length === 2, { timeout_ms: 1000 });
    assert.deepEqual(workers[0].said, ['open', 'here', 'close', '(closed)']);
    assert.deepEqual(heard, ['connecting', 'live', 'connecting'], 'it is not live any more');
    workers[0].tell('hello', HELLO);
    assert.equal(heard.length, 3, 'the old one is not heard any more');
    await until('own stream', () => sources.length === 1, { timeout_ms: 1000 });
    assert.equal(workers.length, 2);
    assert.equal(notes.length, 1);
});

test('without an answer a tab has its own stream, until the worker says hello', async () => {
    stream.open();
    await until('own stream', () => sources.length === 1, { timeout_ms: 1000 });
    const [[worker], [source]] = [workers, sources];
    source.send('hello', HELLO);
    source.send('tick', tick(4, []));
    assert.deepEqual(heard, ['connecting', 'hello', 'tick', 'live']);
    worker.tell('phase', { phase: 'connecting', quiet_ms: 0 });
    worker.tell('here');
    assert.equal(heard.length, 4, 'the page hears one of the two');
    worker.tell('hello', HELLO);
    assert.equal(source.closed, true);
    worker.tell('tick', tick(4, []));
    assert.deepEqual(heard.slice(4), ['hello', 'tick'], 'not paused in between');
});

test('a hidden tab without an answer closes its own stream, and tries both again', async () => {
    stream.open();
    await until('own stream', () => sources.length === 1, { timeout_ms: 1000 });
    stream.close();
    assert.equal(sources[0].closed, true);
    assert.equal(heard.at(-1), 'paused');
    stream.open();
    assert.equal(heard.at(-1), 'connecting');
    assert.deepEqual([sources.length, workers.length], [2, 2], 'at once');
});

test('a worker that cannot be made, or does not load, is asked for once', () => {
    stream.open();
    workers[0].onerror();
    assert.equal(sources.length, 1);
    stream.close();
    stream.open();
    assert.deepEqual([sources.length, workers.length], [2, 1]);
    stream.close();

    globalThis.SharedWorker = class {
        constructor() {
            throw new Error('The operation is insecure.');
        }
    };
    stream = new SharedStream('/v1/stream?x', { phase() {} }, '/worker.js?v=1', TIMES);
    stream.open();
    assert.equal(sources.length, 3);
    assert.match(notes.at(-1), /insecure/);
});

test('a page that is kept leaves, and comes back', () => {
    const event = (type, persisted) =>
        page.dispatchEvent(Object.assign(new Event(type), { persisted }));
    stream.open();
    event('pageshow', false);
    event('pagehide', true);
    assert.deepEqual(workers[0].said, ['open', 'close', '(closed)']);
    event('pageshow', true);
    assert.deepEqual(workers[1].said, ['open']);
    stream.close();
    event('pageshow', true);
    assert.equal(workers.length, 2, 'a hidden one stays away');
});
