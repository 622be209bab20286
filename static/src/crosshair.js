// The moment under the pointer, on everything that has time along: one crosshair for all.

import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { moment, pin, point, range, widen, zoom } from './view.js';

/** A hand that moves less than this while it presses has clicked. */
const CLICK_PX = 4;

/** What is being selected with the pointer. */
const picked = signal(null);

const part = (time_ms, { from_ms, to_ms }) => (time_ms - from_ms) / (to_ms - from_ms);

function Cross({ of }) {
    const at = moment.value === null ? NaN : part(moment.value, of.value);
    return at >= 0 && at <= 1 && <i class="cross" style={{ left: `${at * 100}%` }} />;
}

function Band({ of }) {
    if (!picked.value)
        return null;
    const from = Math.max(0, part(picked.value.from_ms, of.value));
    const to = Math.min(1, part(picked.value.to_ms, of.value));
    return to > from &&
        <i class="picked" style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }} />;
}

/** A double click would select words beside the drawing, and the next drag would carry them off. */
function onMouseDown(event) {
    if (event.detail > 1)
        event.preventDefault();
}

/**
 * What lies over a drawing and takes the pointer: moving chooses the moment, clicking keeps it,
 * dragging selects a range, a double click leaves it again. A finger moves the moment and leaves it
 * there, and scrolls the page.
 * @param {{of?: object, onClick?: function(number), children?: object}} props of: the signal of
 *     the range that is drawn; onClick: for what a click means instead
 */
export function Over({ of = range, onClick = pin, style, children }) {
    const press = useRef(null);

    const timeAt = (event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const at = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
        const { from_ms, to_ms } = of.peek();
        return from_ms + at * (to_ms - from_ms);
    };
    const onPointerDown = (event) => {
        if (event.button !== 0)
            return;
        event.currentTarget.setPointerCapture(event.pointerId);
        press.current = { x: event.clientX, time_ms: timeAt(event),
                          moved: event.pointerType === 'touch' };
        point(timeAt(event));
    };
    const onPointerMove = (event) => {
        const time_ms = timeAt(event);
        const start = press.current;
        point(time_ms);
        if (!start || event.pointerType === 'touch')
            return;
        start.moved ||= Math.abs(event.clientX - start.x) >= CLICK_PX;
        if (start.moved)
            picked.value = { from_ms: Math.min(start.time_ms, time_ms),
                             to_ms: Math.max(start.time_ms, time_ms) };
    };
    const onPointerUp = (event) => {
        const start = press.current;
        const selected = picked.value;
        press.current = null;
        picked.value = null;
        if (selected)
            zoom(selected.from_ms, selected.to_ms);
        else if (start)
            onClick(timeAt(event));
        if (event.pointerType === 'touch')
            point(null);
    };
    const onPointerCancel = () => {
        press.current = null;
        picked.value = null;
        point(null);
    };
    const onPointerLeave = () => {
        if (!press.current)
            point(null);
    };
    return (
        <div class="over" style={style} onPointerDown={onPointerDown}
            onPointerMove={onPointerMove} onPointerUp={onPointerUp} onDblClick={widen}
            onPointerCancel={onPointerCancel} onPointerLeave={onPointerLeave}
            onMouseDown={onMouseDown}>
            <Band of={of} />
            <Cross of={of} />
            {children}
        </div>
    );
}
