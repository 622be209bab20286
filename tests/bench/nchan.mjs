// Debian's nginx with nchan, which publishes one message a second to all subscribers of a channel:
// what tachod's stream is compared with. One process, one worker.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

import { ask } from '../support/http.mjs';
import { until } from '../support/wait.mjs';

const MOST_CONNECTIONS = 19000;

const configuration = (root, port) => `
load_module ${root}/usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off;
master_process off;
pid nginx.pid;
error_log error.log error;
events { worker_connections ${MOST_CONNECTIONS}; use epoll; }
http {
    access_log off;
    keepalive_timeout 3600s;
    server {
        listen 127.0.0.1:${port} backlog=4096;
        location = /publish {
            nchan_publisher;
            nchan_channel_id tick;
            nchan_message_buffer_length 1;
        }
        location = /subscribe {
            nchan_subscriber eventsource;
            nchan_channel_id tick;
            nchan_subscriber_first_message newest;
            nchan_eventsource_ping_interval 0;
        }
    }
}
`;

/** An event of so many bytes as nchan writes it, around this much JSON. */
const EVENT_BYTES = 'event: tick\nid: 1795545783:0\ndata: \n\n'.length;

function message(seq, bytes) {
    const text = (filler) => JSON.stringify({ seq, time_ms: Date.now(), v: filler });
    return text('0'.repeat(Math.max(0, bytes - EVENT_BYTES - text('').length)));
}

/** Publishes at each full second until told to stop. */
function publishEverySecond(port, bytes) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const headers = { 'Content-Type': 'text/plain', 'X-EventSource-Event': 'tick' };
    let seq = 0, timer;
    const publish = () => {
        const request = http.request({ host: '127.0.0.1', port, path: '/publish', method: 'POST',
            headers, agent }, (response) => response.resume());
        request.on('error', () => {});
        request.end(message(++seq, bytes));
        plan();
    };
    const plan = () => {
        timer = setTimeout(publish, 1000 - Date.now() % 1000);
    };
    plan();
    return () => {
        clearTimeout(timer);
        agent.destroy();
    };
}

/**
 * Starts it, and the publisher of events of so many bytes.
 * @param {string} root the unpacked packages nginx and libnginx-mod-nchan
 * @param {number} bytes
 * @param {number} [port]
 * @returns {Promise<{pid: number, port: number, stop: () => Promise<void>}>}
 */
export async function startNchan(root, bytes, port = 19992) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tachod-nchan-'));
    const library = path.join(folder, 'lib');

    mkdirSync(library);
    writeFileSync(path.join(folder, 'nginx.conf'), configuration(path.resolve(root), port));
    /* It makes folders below /var/lib/nginx/ wherever it is told to keep things: it gets one of its
       own there, in a mount namespace, and nothing of this machine is touched. */
    const script = 'mkdir -p "$2/nginx" && mount --bind "$2" /var/lib && ' +
        'exec "$0" -p "$1/" -c nginx.conf -e error.log';
    const child = spawn('unshare', ['--mount', ...(os.userInfo().uid === 0 ? [] : ['--map-root-user']),
        'sh', '-c', script, path.resolve(root, 'usr/sbin/nginx'), folder, library],
        { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const kill = () => child.kill('SIGKILL');
    let stopPublishing = () => {};
    process.on('exit', kill);
    const stop = async () => {
        stopPublishing();
        kill();
        await ended;
        process.off('exit', kill);
        rmSync(folder, { recursive: true, force: true });
    };
    try {
        await until('nginx with nchan', () => (child.exitCode === null ? ask({ port }, '/publish')
            .then(() => true, () => null) : Promise.reject(new Error('nginx ended'))));
    } catch (error) {
        await stop();
        throw error;
    }
    stopPublishing = publishEverySecond(port, bytes);
    return { pid: child.pid, port, stop };
}
