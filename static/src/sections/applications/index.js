// The sections of applications: made of what comes, for nobody configures them.

import { applicationsOf, isThere, titleOf } from '../../application.js';
import { delay as delayText, percent, span, stamp } from '../../format.js';
import { perSecond } from '../../measure.js';
import { chosen, perRevision } from '../../quantity.js';
import { info, now, store } from '../../state.js';
import { NOW } from '../../store.js';
import { droppedNotice } from './dropped.js';
import { serving } from './http.js';
import { others } from './rest.js';
import { running } from './runtimes.js';

/**
 * @typedef {import('../../application.js').Application} Application
 * @typedef {import('../types.js').Section} Section
 */

const GROUP = 'Applications';
/** Shares of failed requests that are amber and red. */
const FAILED = [0.05, 0.25];
/** Further metrics have no chart, but are named. */
const METRICS_MOST = 200;
const NAMED_MOST = 60;
/** A service may have a worker for each CPU. */
const PIDS_MOST = 3;

/** What tachod says of the page that it scrapes. */
function targetOf({ job, instance }) {
    return info.value?.scrape?.find((one) => one.job === job && one.instance === instance);
}

/** Of which processes the kernel says that they send, in words; of UDP it says nothing. */
function pidsOf({ all }) {
    const { unit, command } = all[0]?.labels ?? {};
    const pids = (info.value?.statsd?.senders ?? [])
        .filter((one) => one.pid && (one.unit ?? '') === (unit ?? '') &&
            (one.command ?? '') === (command ?? '')).map(({ pid }) => pid);
    const more = pids.length > PIDS_MOST ? ` and ${pids.length - PIDS_MOST} more` : '';
    return (unit || command) && pids.length > 0 &&
        `pid ${pids.slice(0, PIDS_MOST).join(', ')}${more}`;
}

function startedOf({ metrics, has }) {
    const name = [...metrics.keys()].find((one) => one.endsWith('process_start_time_seconds'));
    return name ? chosen(name, has, Math.max) : null;
}

/** Where it comes from, in words. */
function aboutOf(application, version) {
    const started = startedOf(application);
    return () => {
        const { instance, isScraped, series } = application;
        const { samples, duration_ms, state } = (isScraped && targetOf(application)) || {};
        const up_ms = started ? store.time_ms - now(started) * 1000 : NaN;
        return [
            version,
            isScraped ? `scraped from ${instance}` : 'StatsD',
            !isScraped && pidsOf(application),
            state === 'up' && samples !== undefined
                ? `${samples} samples in ${delayText(duration_ms / 1000)}`
                : series > 0 && `${series} series`,
            up_ms > 0 && `up ${span(up_ms)}`,
        ].filter(Boolean).join(' · ');
    };
}

/** @returns {import('../types.js').Notice} */
function goneNotice(application) {
    return {
        id: `gone-${application.id}`, title: 'Gone', tone: '',
        notice: () => isThere(application, store) ? '' : 'nothing comes from it now',
    };
}

/** @returns {import('../types.js').Notice} */
function downNotice(application, up) {
    return {
        id: `down-${application.id}`, title: 'Down', tone: 'bad',
        notice() {
            if (now(up) !== 0)
                return '';
            const { state, error, since_ms } = targetOf(application) ?? {};
            const since = since_ms ? ` since ${stamp(since_ms)}` : '';
            return state === 'down' && error
                ? `${application.instance} cannot be scraped${since}: ${error}`
                : `${application.instance} cannot be scraped`;
        },
    };
}

/** Those that have no chart. @returns {import('../types.js').Notice} */
function moreNotice({ id }, names) {
    const rest = names.slice(METRICS_MOST);
    const unnamed = rest.length - NAMED_MOST;
    const text = rest.slice(0, NAMED_MOST).join(', ') +
        (unnamed > 0 ? ` and ${unnamed} others` : '');
    return { id: `more-${id}`, title: `and ${rest.length} more`, tone: '', notice: () => text };
}

/** What the navigation says of it: that it is down, how much it does, or what it is. */
function saying({ rate, errors }, up, version) {
    return () => {
        if (up && now(up) === 0)
            return { text: 'down', state: 'bad', spoken: '' };
        const ratio = errors ? now(errors) : NaN;
        const state = ratio >= FAILED[1] ? 'bad' : ratio >= FAILED[0] ? 'warn' : '';
        const count = rate ? now(rate) : NaN;
        const { legend, unit } = perSecond(count);
        return { text: count === count ? legend(count) + unit : version.split(' ')[0], state,
                 spoken: `${percent(ratio)} % of the requests fail` };
    };
}

/** Tiles of what has ended say so. */
function ending(tiles, application, up) {
    const end = () => up && now(up) === 0 ? 'down' : isThere(application, store) ? '' : 'gone';
    return tiles.map((tile) => ({ ...tile, silent: () => end() || tile.silent?.() }));
}

/**
 * @param {Application} application
 * @returns {{section: Section, delay: ?import('../types.js').Chart, application: Application,
 *     isUp: function(import('../../store.js').Store): boolean}}
 */
function sectionOf(application) {
    const { id, title, isScraped, has } = application;
    const service = serving(application);
    const runtime = running(application);
    const up = isScraped ? chosen('up', has) : null;
    const tiles = ending([...service.tiles, ...runtime.tiles], application, up);
    const rest = others(application, [...service.drawn, ...runtime.drawn]);
    const shown = rest.names.slice(0, METRICS_MOST);
    const more = rest.names.length > shown.length ? [moreNotice(application, rest.names)] : [];
    return {
        application,
        delay: runtime.delay,
        isUp: (stored) => !up || up.bind(stored)(NOW) !== 0,
        section: {
            id, title, group: GROUP,
            say: saying(service, up, runtime.version),
            about: aboutOf(application, runtime.version),
            notices: [up ? downNotice(application, up) : goneNotice(application),
                droppedNotice(isScraped ? 'scrape' : 'statsd')],
            tiles: tiles.length > 0 ? tiles : undefined,
            cards: [
                ...service.cards,
                ...runtime.delay ? [runtime.delay] : [],
                ...runtime.cards,
            ],
            each: { what: 'other metrics', members: () => shown, cards: rest.cards,
                    first: rest.own },
            after: more,
        },
    };
}

const isSame = (one, other) => one.title === other.title &&
    one.all.length === other.all.length && one.all.every((series, i) => series === other.all[i]);

let last = new Map();

/** A section is kept as long as its application's series are: others may come and go. */
const made = perRevision((stored) => {
    const all = applicationsOf(stored).map((application) => {
        const before = last.get(application.id);
        return before && isSame(before.application, application) ? before : sectionOf(application);
    });
    last = new Map(all.map((one) => [one.application.id, one]));
    return all;
});
const present = (stored) => made(stored).filter(({ application }) => isThere(application, stored));

/**
 * Those of which there is something now.
 * @param {import('../../store.js').Store} stored
 * @returns {Section[]}
 */
export function applicationSections(stored) {
    return present(stored).map(({ section }) => section);
}

/**
 * One that may have ended.
 * @param {string} id
 * @param {import('../../store.js').Store} stored
 * @returns {Section | undefined}
 */
export function known(id, stored) {
    return made(stored).find(({ section }) => section.id === id)?.section;
}

/**
 * Which applications there are, and which of them are up.
 * @param {import('../../store.js').Store} stored
 * @returns {string}
 */
export function states(stored) {
    return present(stored).map(({ section: { id }, isUp }) => `${id} ${isUp(stored)}`).join();
}

/** The event loops of applications, as a section's list. */
export const delays = {
    what: 'event loops',
    members: (stored) => present(stored).filter(({ delay, isUp }) => delay && isUp(stored))
        .map(({ section: { id } }) => id),
    cards: (id, stored) => made(stored).filter(({ section }) => section.id === id)
        .map(({ delay }) => delay),
};

/**
 * In place of one that is not there, or not any more.
 * @param {string} id
 * @returns {Section}
 */
export function absent(id) {
    return { id, title: titleOf(id), group: GROUP, cards: [],
             about: () => store.epoch ? 'nothing comes from it now' : 'waiting for the daemon' };
}
