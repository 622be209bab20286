import { useLayoutEffect } from 'preact/hooks';
import { columns } from './quantity.js';
import { colour, theme, tint } from './theme.js';
import { picture } from './view.js';

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

function draw(canvas, { width, height, ratio }, quantity, token, fixedMax) {
    const { from_ms, to_ms, of } = picture.peek();
    const { x, ys: [y] } = columns([quantity], of.avg, { from_ms, to_ms });
    const graph = canvas.getContext('2d');
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    // Device pixels from here on: the line is one of them wide.
    const right = canvas.width;
    const bottom = canvas.height;
    const top = fixedMax ?? (Math.max(...y) * 1.05 || 1);
    const across = (time_ms) => (time_ms - from_ms) / (to_ms - from_ms) * right;
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
 * @param {{quantity: import('./quantity.js').Quantity, colour: string, max: ?number,
 *     place: object, seen: ?object}} props place and seen: of its canvas, from useBox()
 */
export function Sparkline({ quantity, colour: token, max, place, seen }) {
    useLayoutEffect(() => {
        if (seen)
            draw(place.current, seen, quantity, token, max);
    }, [seen, seen && picture.value, theme.value]);
    return <canvas class="spark" ref={place} aria-hidden="true" />;
}
