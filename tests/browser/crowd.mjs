// Processes as a daemon would tell of them, for a page that asks: a list that a test can change.

const START_MS = Date.UTC(2026, 0, 5, 12);

/** One process; what is not said of it is unremarkable. */
export function one(pid, name, more = {}) {
    return { pid, ppid: 1, user: 'root', state: 'S', cpu_cores: 0, rss_bytes: 4e6, shared_bytes: 1e6,
        read_bytes_per_second: 0, write_bytes_per_second: 0, threads: 1,
        start_time_ms: START_MS + pid, name, command: `/usr/bin/${name}`, ...more };
}

/** The machine of the design, and some more. */
export function usual() {
    return [
        one(1, 'systemd', { ppid: 0, command: '/sbin/init' }),
        one(700, 'shop.sh', { command: '/bin/sh /srv/shop.sh' }),
        one(21877, 'node', { ppid: 700, user: 'app', cpu_cores: 1.64, rss_bytes: 1.9 * 2 ** 30,
            write_bytes_per_second: 41e6, threads: 31, command: 'node /srv/shop-api/server.js' }),
        one(1310, 'postgres', { user: 'postgres', cpu_cores: 0.88, rss_bytes: 412 * 2 ** 20,
            read_bytes_per_second: 11e6, write_bytes_per_second: 29e6,
            command: 'postgres: shop orders 10.0.4.17 COPY' }),
        one(912, 'nginx', { cpu_cores: 0.21, rss_bytes: 96 * 2 ** 20, threads: 9,
            write_bytes_per_second: 1.1e6, command: '/usr/sbin/nginx: worker process' }),
        one(40112, 'rsync', { ppid: 700, cpu_cores: 0.09, rss_bytes: 54 * 2 ** 20, threads: 4,
            command: 'rsync --server -logDtpre.iLsfx . /backup' }),
        one(733, 'tachod', { user: 'tacho', cpu_cores: 0.002, rss_bytes: 4.1 * 2 ** 20,
            threads: 3, read_bytes_per_second: null, write_bytes_per_second: null,
            command: '/usr/sbin/tachod' }),
        one(2, 'kthreadd', { ppid: 0, rss_bytes: 0, command: null }),
        one(15, 'kworker/0:1', { ppid: 2, rss_bytes: 0, cpu_cores: 0.004, command: null }),
        ...Array.from({ length: 40 }, (_, i) => one(3000 + i, `idle${i}`)),
    ];
}

const amount = {
    cpu: (row) => row.cpu_cores ?? -1,
    memory: (row) => row.rss_bytes ?? -1,
    io: (row) => (row.read_bytes_per_second ?? 0) + (row.write_bytes_per_second ?? 0),
};

/** What /v1/processes says, and what it was asked. */
export class Crowd {
    rows = usual();
    /** Said instead of what the rows make. */
    more = {};
    /** Of the past: by moment, in milliseconds. @type {?function(number): object[]} */
    past = null;
    /** Instead of any answer: [status, problem]. */
    problem = null;
    /** How long an answer takes. */
    delay_ms = 0;
    /** Each question with its time, and the most that were open at once. */
    asked = [];
    open = 0;
    openMost = 0;

    /** @param {import('playwright-core').BrowserContext} context */
    async serve(context) {
        await context.route('**/v1/processes?*', async (route) => {
            const query = new URL(route.request().url()).searchParams;
            this.asked.push({ at_ms: performance.now(), query });
            this.openMost = Math.max(this.openMost, ++this.open);
            if (this.delay_ms)
                await new Promise((resolve) => setTimeout(resolve, this.delay_ms));
            this.open--;
            await route.fulfill(this.#reply(query)).catch(() => {});
        });
    }

    #reply(query) {
        if (this.problem) {
            const [status, problem] = this.problem;
            return { status, contentType: 'application/problem+json', body: JSON.stringify(problem) };
        }
        return { contentType: 'application/json', body: JSON.stringify(this.#answer(query)) };
    }

    #answer(query) {
        const at = query.get('at');
        const rows = at && this.past ? this.past(Number(at)) : this.rows;
        const answer = { seq: 1, time_ms: at ? Number(at) : Date.now(), span_ms: 1000,
            visible: rows.length, total: rows.length, io_visible: rows.length, threads: rows.length,
            total_threads: rows.length, states: { S: rows.length }, busy_cpu_cores: 3,
            unattributed_cpu_cores: 0, complete: !at, ...this.more };
        const sum = (all, field) => all.reduce((total, row) => total + (row[field] ?? 0), 0);
        const first = (all) => [...all].sort((a, b) => amount[query.get('sort') ?? 'cpu'](b) -
            amount[query.get('sort') ?? 'cpu'](a)).slice(0, Number(query.get('limit') ?? 20));
        if (query.get('by') === 'command') {
            const names = [...new Set(rows.map(({ name }) => name))];
            return { ...answer, commands: first(names.map((name) => {
                const all = rows.filter((row) => row.name === name);
                return { name, processes: all.length, ...Object.fromEntries(['cpu_cores',
                    'rss_bytes', 'read_bytes_per_second', 'write_bytes_per_second', 'threads']
                    .map((field) => [field, sum(all, field)])) };
            })) };
        }
        const pids = query.get('pid')?.split(',').map(Number);
        return { ...answer, processes: pids ? rows.filter(({ pid }) => pids.includes(pid))
            : first(rows) };
    }
}
