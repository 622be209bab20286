import { useLayoutEffect } from 'preact/hooks';
import { useBox } from './box.js';
import { columns } from './quantity.js';
import { frame, store, WINDOW_MS } from './state.js';
import { colour, theme, tint } from './theme.js';

const FILL_OPACITY = 0.14;

/** Points from one gap to the next. */
function pieces(x, y) {
    const found = [];
    let piece = [];
    y.forEach((value, i) => {
        if (value !== null)
            return piece.push([x[i], value]);
        found.push(piece);
        piece = [];
    });
    return [...found, piece].filter((points) => points.length > 0);
}

function draw(canvas, { width, height, ratio }, { x, ys: [y] }, token, fixedMax) {
    const graph = canvas.getContext('2d');
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    // Device pixels from here on: the line is one of them wide.
    const right = canvas.width;
    const bottom = canvas.height;
    const top = fixedMax ?? (Math.max(...y) * 1.05 || 1);
    const to_ms = store.ring.last_ms;
    const across = (time_ms) => (1 - (to_ms - time_ms) / WINDOW_MS) * right;
    const up = (value) => bottom - Math.min(value / top, 1) * (bottom - 2) - 0.5;

    graph.lineWidth = 1;
    graph.strokeStyle = colour(token);
    graph.fillStyle = tint(token, FILL_OPACITY);
    for (const points of pieces(x, y)) {
        graph.beginPath();
        for (const [time_ms, value] of points)
            graph.lineTo(across(time_ms), up(value));
        graph.stroke();
        graph.lineTo(across(points.at(-1)[0]), bottom);
        graph.lineTo(across(points[0][0]), bottom);
        graph.fill();
    }
}

/**
 * The range as one small line.
 * @param {{quantity: import('./quantity.js').Quantity, colour: string, max: ?number}} props
 */
export function Sparkline({ quantity, colour: token, max }) {
    const { ref, box } = useBox();
    const seen = box.value;
    useLayoutEffect(() => {
        if (seen)
            draw(ref.current, seen, columns([quantity], store), token, max);
    }, [seen, seen && frame.value, theme.value]);
    return <canvas class="spark" ref={ref} aria-hidden="true" />;
}
