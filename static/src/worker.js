// The shared worker: every tab of the page has a port here, and the tabs with the same address
// share one stream. A browser opens at most six connections to a host, and tabs are many.

import { Hub } from './hub.js';

const hubs = new Map();

/** @returns {Hub} */
function hubOf(url) {
    if (!hubs.has(url))
        hubs.set(url, new Hub(url));
    return hubs.get(url);
}

function hear(port, [word, url]) {
    const hub = hubOf(url);
    if (word === 'close') {
        hub.detach(port);
    } else {
        hub.attach(port);
        if (word === 'open')
            hub.hurry();
        port.postMessage(['here']);
    }
}

self.onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => hear(port, data);
};
