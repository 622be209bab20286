// Ports that nobody listens on: they were free a moment ago.

import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

/** A port of 127.0.0.1 for TCP. @returns {Promise<number>} */
export async function freePort() {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    return port;
}

/** The same for UDP. @returns {Promise<number>} */
export async function freeDatagramPort() {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    await once(socket, 'close');
    return port;
}
