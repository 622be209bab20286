import { bitRate, perSecond } from '../measure.js';
import { labelValues, number, series, sum, total } from '../quantity.js';
import { remembered } from '../remembered.js';
import { has, READ, WRITE } from './types.js';
import { received, sent } from './vital.js';

const devices = labelValues('node_network_receive_bytes_total', 'device');
const BACKLOG_DROPPED = 'node_softnet_dropped_total';
const tcp = (name) => series(`node_netstat_Tcp_${name}`);

/** @type {import('./types.js').Chart} */
export const networkTraffic = {
    id: 'network', title: 'Network', collector: 'netdev',
    lines: [
        { label: 'sent', ...WRITE, dash: undefined, of: sent, area: true },
        { label: 'received', ...READ, of: received, area: true },
    ],
    measure: bitRate,
};

function cardsOf(device) {
    const of = (direction, what) => series(`node_network_${direction}_${what}_total`, { device });
    const lost = (direction) => sum(of(direction, 'errs'), of(direction, 'drop'));
    const id = (what) => `network-${what}-${device}`;
    return [
        {
            id: id('traffic'), title: `Traffic · ${device}`, collector: 'netdev',
            lines: [
                { label: 'sent', ...WRITE, of: of('transmit', 'bytes'), area: true },
                { label: 'received', ...READ, of: of('receive', 'bytes'), area: true },
            ],
            measure: bitRate,
        },
        {
            id: id('packets'), title: `Packets · ${device}`, collector: 'netdev',
            lines: [
                { label: 'sent', ...WRITE, of: of('transmit', 'packets') },
                { label: 'received', ...READ, of: of('receive', 'packets') },
                { label: 'lost sending', colour: 's4', of: lost('transmit'), optional: true },
                { label: 'lost receiving', colour: 's3', of: lost('receive'), optional: true },
            ],
            measure: perSecond,
        },
    ];
}

/** @type {import('./types.js').Section} */
export const network = {
    id: 'network', title: 'Network', group: 'System',
    badge: { of: number(devices), text: String },
    selectors: ['receive', 'transmit'].flatMap((direction) =>
        ['bytes', 'packets', 'errs', 'drop'].map((what) =>
            `node_network_${direction}_${what}_total`)),
    cards: [
        networkTraffic,
        {
            id: 'tcp-trouble', title: 'TCP: sent again, reset', collector: 'netstat',
            lines: [
                { label: 'sent again', colour: 's3', of: tcp('RetransSegs') },
                { label: 'resets sent', colour: 's4', of: tcp('OutRsts') },
                { label: 'bad segments', colour: 's6', of: tcp('InErrs') },
            ],
            measure: perSecond,
        },
        {
            id: 'softnet', title: 'Packet backlog', collector: 'softnet',
            when: has(BACKLOG_DROPPED),
            lines: [
                { label: 'dropped', colour: 's4', of: total(BACKLOG_DROPPED) },
                { label: 'ran out of time', colour: 's3',
                  of: total('node_softnet_times_squeezed_total') },
            ],
            measure: perSecond,
        },
    ],
    each: { what: 'interfaces', members: devices, cards: remembered(cardsOf) },
};
