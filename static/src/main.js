import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { Chart } from './chart.js';
import { moveFavicon } from './favicon.js';
import { follow } from './feed.js';
import { Find } from './find.js';
import { percent } from './format.js';
import { Header } from './header.js';
import { MetersCard } from './meters.js';
import { BottomBar, Nav } from './nav.js';
import { allSelectors, sections } from './sections/index.js';
import { strain } from './sections/vital.js';
import { connection, frame, info, now, store } from './state.js';
import { Strip } from './strip.js';
import { Tile } from './tile.js';
import { isUnfolded, unfold } from './unfolded.js';
import { section as shown } from './view.js';

/** Members of a section's list beyond these are shown when asked for. */
const MEMBERS_MOST = 12;
/** On its own section a card of bars is complete. */
const METERS_MOST = 200;

/** Changes when the series do, and with them what there is of each kind. */
const revision = signal(0);

function Card({ card, most }) {
    return card.meters ? <MetersCard card={card} most={most} /> : <Chart chart={card} />;
}

function Members({ section: { id, each } }) {
    revision.value;
    const all = each.members(store);
    const members = isUnfolded(id) ? all : all.slice(0, MEMBERS_MOST);
    return (
        <>
            {members.flatMap((member) => each.cards(member)
                .map((card) => <Card key={card.id} card={card} />))}
            {members.length < all.length &&
                <button type="button" class="more-button" onClick={() => unfold(id)}>
                    {`show all ${all.length} ${each.what}`}
                </button>}
        </>
    );
}

function Section({ section }) {
    const { tiles, cards, each, title, id } = section;
    return (
        <>
            {tiles && <section class="tiles" aria-label="Values">
                {tiles.map((tile) => <Tile key={tile.id} tile={tile} />)}
            </section>}
            <section class="grid" aria-label={title} data-testid={`section-${id}`}>
                {cards.map((card) => <Card key={card.id} card={card}
                    most={tiles ? undefined : METERS_MOST} />)}
                {each && <Members section={section} />}
            </section>
        </>
    );
}

function Page() {
    const section = sections.find(({ id }) => id === shown.value) ?? sections[0];
    return (
        <>
            <Header />
            <Strip />
            <div class="wrap">
                <Nav />
                <main><Section key={section.id} section={section} /></main>
            </div>
            <BottomBar />
            <Find />
        </>
    );
}

function title() {
    const host = info.value?.host.name ?? 'tacho';
    const { phase } = connection.value;
    if (phase === 'live')
        return `${percent(now(strain))} % · ${host}`;
    return phase === 'paused' || phase === 'connecting' ? host : `${phase} · ${host}`;
}

effect(() => {
    frame.value;
    revision.value = store.revision;
});
render(<Page />, document.body);
moveFavicon();
effect(() => {
    document.title = title();
});
effect(() => {
    document.documentElement.dataset.state = connection.value.phase;
});
// In a task of its own, after all drawing: whoever sees a number here finds its values on the page.
effect(() => {
    frame.value;
    const { seq, epoch } = store;
    setTimeout(() => {
        document.documentElement.dataset.seq = seq;
        document.documentElement.dataset.epoch = epoch;
    });
});
follow(allSelectors());
