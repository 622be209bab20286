// Chromium's EventSource is cut off every few ticks, its daemon is killed, and it goes on where it
// was: with gzip, which it always asks for, and plain, where a proxy does not let it ask.

import { after, before, describe, test } from 'node:test';
import { startCutter } from '../support/cutter.mjs';
import { assertEncoded, assertReplayed, assertWhole, RAGED_S, startFire } from
    '../support/fire.mjs';
import { Ledger } from '../support/ledger.mjs';
import { sleep } from '../support/wait.mjs';
import { launch } from './support.mjs';

const KINDS = ['hello', 'tick', 'series', 'gap', 'ping'];
/** How often what the page has noted is taken from it. */
const EVERY_MS = 200;

/** Runs in the page: notes what the stream says, in order. */
function listen(kinds) {
    const source = new EventSource('/v1/stream');
    window.noted = [];
    source.addEventListener('open', () => window.noted.push({ event: 'open', at_ms: Date.now() }));
    for (const kind of kinds)
        source.addEventListener(kind, ({ lastEventId, data }) =>
            window.noted.push({ event: kind, id: lastEventId, data }));
}

/** A page of the daemon's, without a script of its own: one that shows JSON. */
class Tab {
    static async open(browser, ledger, url) {
        const tab = new Tab();
        tab.page = await browser.newPage();
        await tab.page.goto(`${url}v1/info`);
        await tab.page.evaluate(listen, KINDS);
        tab.done = tab.#go(ledger);
        return tab;
    }

    async #go(ledger) {
        while (!this.isOver) {
            for (const { event, id, data, at_ms } of
                await this.page.evaluate(() => window.noted.splice(0))) {
                if (event === 'open')
                    ledger.open(at_ms);
                else
                    ledger.take({ event, id, data: JSON.parse(data) });
            }
            await sleep(EVERY_MS);
        }
    }

    async close() {
        this.isOver = true;
        await this.done;
        await this.page.close();
    }
}

describe(`${RAGED_S} s under fire`, () => {
    const tabs = [];
    let browser, fire;

    before(async () => {
        browser = await launch();
        fire = await startFire();
        for (const [encoding, drop] of [['gzip', []], ['identity', ['accept-encoding']]]) {
            const cutter = await startCutter(fire.port, { drop });
            const ledger = new Ledger(encoding, fire.reference);
            tabs.push({ cutter, ledger, tab: await Tab.open(browser, ledger, cutter.url) });
        }
        await fire.rage(RAGED_S);
        tabs.forEach(({ cutter }) => { cutter.isCalm = true; });
        await fire.settled(tabs.map(({ ledger }) => ledger));
    });
    after(async () => {
        await Promise.all(tabs.map(({ tab }) => tab.close()));
        await Promise.all(tabs.map(({ cutter }) => cutter.close()));
        await browser?.close();
        await fire?.close();
    });

    for (const encoding of ['gzip', 'identity']) {
        const found = () => tabs.find(({ ledger }) => ledger.name === encoding);

        test(`${encoding}: every tick once, and what one knows who was never cut off`, (t) => {
            const { ledger, cutter } = found();
            const { ticks, compared, resumes, replayed, gaps } = ledger;
            t.diagnostic(JSON.stringify({ ticks, compared, resumes, replayed, gaps: gaps.length,
                encodings: cutter.encodings }));
            assertWhole(fire, ledger, cutter);
        });

        test(`${encoding}: the ticks that it has missed are replayed`, () => {
            assertReplayed(found().ledger);
        });

        test(`${encoding}: so it is encoded`, () => {
            assertEncoded(found().cutter, encoding);
        });
    }
});
