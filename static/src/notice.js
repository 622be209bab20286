import { frame, store } from './state.js';

/**
 * Words across a section, while there is something to say.
 * @param {{card: import('./sections/types.js').Notice}} props
 */
export function Notice({ card }) {
    frame.value;
    const text = card.notice(store);
    return text && (
        <section class={`card notice ${card.tone}`} data-testid={`notice-${card.id}`}>
            <h2><span>{card.title}</span></h2>
            <p>{text}</p>
        </section>
    );
}
