// A daemon that is killed and started again on its port while clients resume, the machine it
// reads, on which disks come and go, and a client that is never cut off.

import assert from 'node:assert/strict';

import { Machine } from './machine.mjs';
import { assertContiguous, stream } from './sse.mjs';
import { start } from './tachod.mjs';
import { sleep, until } from './wait.mjs';

const INTERVAL_MS = 100;
const DISKS = 12;
/** A disk comes or goes each so many intervals; there are so many of that kind. */
const CHURN = 7, LOOSE_DISKS = 3;
/** So many of the latest ticks at least are kept for those who resume. */
const KEPT_TICKS = 256;
/** Where the soak is short, the daemon is killed once, in the middle. */
const KILL_EVERY_MS = 60000;

/** Seconds under fire: ten minutes where the stated times are asked for. */
const SOAK = Number(process.env.TACHO_SOAK ?? 10);
export const RAGED_S = SOAK >= 60 ? 600 : Math.max(12, SOAK);

/** Made by startFire(). */
export class Fire {
    /** How often the daemon was killed. */
    kills = 0;
    #machine = new Machine({ cpus: 8, interfaces: ['eth0'],
        disks: Array.from({ length: DISKS }, (_, i) => `disk${i}`) });
    #change;
    #references = [];

    async begin() {
        let turn = 0;

        this.#change = setInterval(() => {
            this.#machine.advance(1 + Math.floor(Math.random() * 40));
            if (++turn % CHURN === 0)
                this.#churn(`loose${turn / CHURN % LOOSE_DISKS}`);
            this.#machine.write();
        }, INTERVAL_MS);
        await this.#start(0);
        this.port = this.daemon.port;
    }

    #churn(name) {
        if (!this.#machine.disks.delete(name))
            this.#machine.disks.set(name, { reads: 1000 });
    }

    async #start(port) {
        this.daemon = await start(['-i', `${INTERVAL_MS}ms`, ...this.#machine.args], { port });
        this.#references.push(await stream(this.daemon));
        /* Nobody is so late that he compares with one before. */
        this.#references.splice(0, this.#references.length - 2);
    }

    /** As a Ledger wants it. */
    reference = (epoch, seq) => {
        const client = this.#references.find(({ state }) => state.epoch === epoch);
        const ticks = client?.ticks;

        if (!client || (ticks.length > 0 && seq < ticks[0].data.seq))
            return null;
        const tick = ticks[seq - (ticks[0]?.data.seq ?? 0)];
        return tick ? tick.values : client.ended ? null : undefined;
    };

    async restart() {
        this.#assertUncut();
        await this.daemon.kill();
        this.kills++;
        await this.#start(this.port);
    }

    /** Goes on for so long. */
    async rage(seconds) {
        const every_ms = Math.min(KILL_EVERY_MS, seconds * 1000 / 2);

        for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
            await sleep(Math.min(every_ms, end - Date.now()));
            if (end - Date.now() >= every_ms / 2)
                await this.restart();
        }
    }

    /** The reference was told nothing wrong, and everything: else it would be none. */
    #assertUncut() {
        const { ended, ticks } = this.#references.at(-1);

        assert.equal(ended, null);
        assertContiguous(ticks);
    }

    /** Waits until clients have the present, and all that they were told is compared. */
    async settled(ledgers) {
        const { state } = this.#references.at(-1);
        const seq = state.seq + 1;

        this.#assertUncut();
        for (const ledger of ledgers)
            await until(`${ledger.name} has tick ${seq}`, () => ledger.state.seq >= seq &&
                ledger.state.epoch === state.epoch, { timeout_ms: 30000 });
        ledgers.forEach((ledger) => ledger.settle());
    }

    async close() {
        clearInterval(this.#change);
        this.#references.forEach((client) => client.close());
        try {
            await this.daemon?.stop();
        } finally {
            this.#machine.remove();
        }
    }
}

/** @returns {Promise<Fire>} */
export async function startFire() {
    const fire = new Fire();

    try {
        await fire.begin();
    } catch (error) {
        await fire.close();
        throw error;
    }
    return fire;
}

/** What has to be true of a client after it, whoever it is. */
export function assertWhole(fire, ledger, cutter) {
    const resumes = Math.floor(RAGED_S / 6);

    assert.deepEqual(ledger.complaints, []);
    assert.equal(ledger.epochs, fire.kills + 1);
    assert.ok(cutter.connections.filter(({ cut }) => cut).length >= resumes);
    assert.ok(cutter.resumed.length >= resumes, `${cutter.resumed.length} connections with an id`);
    assert.ok(ledger.resumes >= resumes, `${ledger.resumes} resumes in an epoch`);
    assert.ok(ledger.compared >= ledger.ticks * 0.8,
        `${ledger.compared} of ${ledger.ticks} ticks compared`);
}

/** Whoever resumed got what it had missed, all of it unless it was away for too long. */
export function assertReplayed(ledger) {
    const early = ledger.gaps.filter(({ away_ms }) => away_ms < (KEPT_TICKS - 1) * INTERVAL_MS);

    assert.deepEqual(early.slice(0, 5), [], `${early.length} gaps of what is kept`);
    assert.ok(ledger.replayed >= ledger.resumes,
        `${ledger.replayed} ticks replayed in ${ledger.resumes} resumes`);
}

/** All answers were encoded so. */
export function assertEncoded(cutter, encoding) {
    assert.deepEqual(Object.keys(cutter.encodings), [encoding]);
}
