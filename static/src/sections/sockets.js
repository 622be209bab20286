import { bytes, count, perSecond, smallShare } from '../measure.js';
import { combine, series } from '../quantity.js';
import { has } from './types.js';

const socket = (name) => series(`node_sockstat_${name}`);
const statistic = (name) => series(`node_netstat_${name}`);
const TRACKED = 'node_nf_conntrack_entries';
const used = socket('sockets_used');

/** @type {import('./types.js').Section} */
export const sockets = {
    id: 'sockets', title: 'Sockets', group: 'System',
    badge: { of: used, text: String },
    cards: [
        {
            id: 'sockets', title: 'Sockets', collector: 'sockstat',
            lines: [
                { label: 'all', colour: 's5', of: used },
                { label: 'TCP', colour: 's1', of: socket('TCP_inuse') },
                { label: 'TCP, closing', colour: 's3', of: socket('TCP_tw') },
                { label: 'UDP', colour: 's2', of: socket('UDP_inuse') },
            ],
            measure: count,
        },
        {
            id: 'tcp-connections', title: 'TCP connections', collector: 'netstat',
            lines: [{ label: 'established', colour: 's1', of: statistic('Tcp_CurrEstab'),
                      area: true }],
            measure: count,
        },
        {
            id: 'tcp-opens', title: 'TCP connections opened', collector: 'netstat',
            lines: [
                { label: 'by others', colour: 's1', of: statistic('Tcp_PassiveOpens') },
                { label: 'from here', colour: 's2', of: statistic('Tcp_ActiveOpens'),
                  dash: [6, 3] },
            ],
            measure: perSecond,
        },
        {
            id: 'listen', title: 'Connections that found no room', collector: 'netstat',
            lines: [
                { label: 'dropped', colour: 's4', of: statistic('TcpExt_ListenDrops') },
                { label: 'overflows', colour: 's3', of: statistic('TcpExt_ListenOverflows') },
            ],
            measure: perSecond,
        },
        {
            id: 'socket-memory', title: 'Socket buffers', collector: 'sockstat',
            lines: [
                { label: 'TCP', colour: 's1', of: socket('TCP_mem_bytes') },
                { label: 'UDP', colour: 's2', of: socket('UDP_mem_bytes') },
            ],
            measure: bytes,
        },
        {
            id: 'conntrack', title: 'Connection tracking', collector: 'conntrack',
            when: has(TRACKED),
            lines: [{ label: 'of the limit', colour: 's1', area: true,
                      of: combine((entries, limit) => entries / limit, series(TRACKED),
                                  series(`${TRACKED}_limit`)) }],
            measure: smallShare,
        },
    ],
};
