import { effect } from '@preact/signals';
import { render } from 'preact';
import { Chart } from './chart.js';
import { Collectors } from './collectors.js';
import { moveFavicon } from './favicon.js';
import { follow } from './feed.js';
import { Find } from './find.js';
import { percent } from './format.js';
import { Header } from './header.js';
import { MetersCard } from './meters.js';
import { BottomBar, Nav } from './nav.js';
import { Notice } from './notice.js';
import { Processes } from './processes/table.js';
import { allSelectors, sectionOf, sections } from './sections/index.js';
import { strain } from './sections/vital.js';
import { connection, frame, info, now, revision, store } from './state.js';
import { Strip } from './strip.js';
import { Tile } from './tile.js';
import { isUnfolded, unfold } from './unfolded.js';
import { section as shown } from './view.js';

/** Members of a section's list beyond these are shown when asked for. */
const MEMBERS_MOST = 12;
/** On its own section a card of bars is complete. */
const METERS_MOST = 200;

function Card({ card, most }) {
    revision.value;
    if (card.notice)
        return <Notice card={card} />;
    if (card.when && !card.when(store))
        return null;
    return card.meters ? <MetersCard card={card} most={most} /> : <Chart chart={card} />;
}

function Members({ section: { id, each } }) {
    sections.value;
    const all = each.members(store);
    const most = Math.min(MEMBERS_MOST, each.first ?? MEMBERS_MOST);
    const members = isUnfolded(id) ? all : all.slice(0, most);
    return (
        <>
            {members.flatMap((member) => each.cards(member, store)
                .map((card) => <Card key={card.id} card={card} />))}
            {members.length < all.length &&
                <button type="button" class="more-button" onClick={() => unfold(id)}>
                    {`show all ${all.length} ${each.what}`}
                </button>}
        </>
    );
}

/** Who it is, in words. */
function About({ title, about }) {
    frame.value;
    return <header class="about"><h2>{title}</h2><p>{about()}</p></header>;
}

function Section({ section }) {
    const { notices = [], tiles, cards, each, processes, collectors, after = [], title, id,
            about } = section;
    const most = tiles ? undefined : METERS_MOST;
    return (
        <>
            {about && <About title={title} about={about} />}
            {notices.map((card) => <Notice key={card.id} card={card} />)}
            {tiles && <section class="tiles" aria-label="Values"
                data-count={tiles.length} style={{ '--columns': tiles.length }}>
                {tiles.map((tile) => <Tile key={tile.id} tile={tile} />)}
            </section>}
            <section class="grid" aria-label={title} data-testid={`section-${id}`}>
                {cards.map((card) => <Card key={card.id} card={card} most={most} />)}
                {each && <Members section={section} />}
                {processes && <Processes {...processes} />}
                {collectors && <Collectors />}
                {after.map((card) => <Card key={card.id} card={card} most={most} />)}
            </section>
        </>
    );
}

function Page() {
    const section = sectionOf(shown.value);
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

render(<Page />, document.body);
moveFavicon();
effect(() => {
    document.title = title();
});
effect(() => {
    document.documentElement.dataset.state = connection.value.phase;
});
// In a task of its own, after all drawing: whoever sees a number here finds its values on the page.
// A message, as ticks are, since a timer may come after the next of them where all is slow.
// By then the next tick may be drawn too, so it is told of what is on the page and not of what was.
const drawn = new MessageChannel();
let last;
drawn.port1.onmessage = () => {
    const { dataset } = document.documentElement;
    // A picture of the same tick, with series that came, tells nothing new.
    for (const [key, value] of Object.entries(last)) {
        if (dataset[key] !== String(value))
            dataset[key] = value;
    }
};
effect(() => {
    frame.value;
    const { seq, epoch, missed } = store;
    last = { seq, epoch, missed };
    drawn.port2.postMessage(null);
});
follow(allSelectors());
