// Where on the screen an element is: whether it can be seen, how large, how fine its pixels.

import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Drawings begin a little before they are scrolled into view. */
const MARGIN = '120px';

/**
 * @returns {{ref: object, box: import('@preact/signals').Signal<?{width: number, height: number,
 *     ratio: number}>}} box: null while out of sight; sizes in CSS pixels
 */
export function useBox() {
    const ref = useRef(null);
    const box = useSignal(null);

    useLayoutEffect(() => {
        const element = ref.current;
        let seen = false;
        let ratioQuery = null;

        const measure = () => {
            const width = element.clientWidth;
            const height = element.clientHeight;
            const ratio = devicePixelRatio;
            const old = box.peek();
            if (!seen || !width)
                box.value = null;
            else if (old?.width !== width || old.height !== height || old.ratio !== ratio)
                box.value = { width, height, ratio };
        };
        const onRatio = () => {
            ratioQuery?.removeEventListener('change', onRatio);
            ratioQuery = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
            ratioQuery.addEventListener('change', onRatio);
            measure();
        };
        const sight = new IntersectionObserver((entries) => {
            seen = entries.at(-1).isIntersecting;
            measure();
        }, { rootMargin: MARGIN });
        const size = new ResizeObserver(measure);

        onRatio();
        sight.observe(element);
        size.observe(element);
        return () => {
            sight.disconnect();
            size.disconnect();
            ratioQuery.removeEventListener('change', onRatio);
        };
    }, []);

    return { ref, box };
}
