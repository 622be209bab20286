import { effect } from '@preact/signals';
import { render } from 'preact';
import { Chart } from './chart.js';
import { follow } from './feed.js';
import { percent } from './format.js';
import { Header } from './header.js';
import { namesOf, overview, vital } from './overview.js';
import { connection, frame, info, now, store } from './state.js';
import { Tile } from './tile.js';

function Section({ section }) {
    return (
        <>
            <section class="tiles" aria-label="Now">
                {section.tiles.map((tile) => <Tile key={tile.id} tile={tile} />)}
            </section>
            <section class="grid" aria-label="The last 5 minutes">
                {section.charts.map((chart) => <Chart key={chart.id} chart={chart} />)}
            </section>
        </>
    );
}

function Page() {
    return (
        <>
            <Header />
            <main><Section section={overview} /></main>
        </>
    );
}

function title() {
    const host = info.value?.host.name ?? 'tacho';
    const { phase } = connection.value;
    if (phase === 'live')
        return `${percent(now(vital.busy))} % · ${host}`;
    return phase === 'paused' || phase === 'connecting' ? host : `${phase} · ${host}`;
}

render(<Page />, document.body);
effect(() => {
    document.title = title();
});
effect(() => {
    document.documentElement.dataset.state = connection.value.phase;
});
// In a task of its own, after all drawing: whoever sees a number here finds its values on the page.
effect(() => {
    frame.value;
    setTimeout(() => {
        document.documentElement.dataset.seq = store.seq;
        document.documentElement.dataset.epoch = store.epoch;
    });
});
follow(namesOf(overview));
