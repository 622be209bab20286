// A process of its own that sends datagrams, to be killed when a test wants it gone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('datagrams.py', import.meta.url));

/**
 * @param {import('node:test').TestContext} t it does not outlive this test
 * @param {string} spec "udp:127.0.0.1:8125" or "unix:/path"
 */
export function sender(t, spec) {
    const child = spawn('python3', [program, spec], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = readline.createInterface(child.stdout)[Symbol.asyncIterator]();

    t.after(() => child.kill('SIGKILL'));
    return {
        pid: child.pid,
        /** Sends these packets, one after the other, of Latin-1 text. */
        async send(...packets) {
            for (const packet of packets) {
                child.stdin.write(`${JSON.stringify(packet)}\n`);
                const { done } = await lines.next();
                if (done)
                    throw new Error(`the sender to ${spec} ended`);
            }
        },
        /** Gives when that was. */
        async kill() {
            const gone = once(child, 'exit');
            const killed_ms = Date.now();
            child.kill('SIGKILL');
            await gone;
            return killed_ms;
        },
    };
}
