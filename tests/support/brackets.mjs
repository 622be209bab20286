// Whether two daemons on one machine show the same: what the one shows has to lie between what the
// other, which ticks more often, shows before and after.

import { nameOf } from './http.mjs';

/** A number may have been rounded to a double by other steps. */
const near = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

/** Whether a value (null: none) is among others or between them, give or take the slack. */
function isBetween(value, others, slack) {
    if (value === null || others.every((each) => each === null))
        return others.includes(value);
    const numbers = others.filter((each) => each !== null);
    const [low, high] = [Math.min(...numbers) - slack, Math.max(...numbers) + slack];
    return (value >= low && value <= high) || near(value, low) || near(value, high);
}

/** What was seen of each series in some rounds. */
export class Brackets {
    /** By series: the rounds in which it was there and in which it agreed, and what it was. */
    #seen = new Map();
    #rounds = 0;
    #cumulative = new Set();
    #slack;

    /** @param {(name: string, value: number) => number} slack by how much a value may be off */
    constructor(slack = () => 0) {
        this.#slack = slack;
    }

    /**
     * @param {object} inside a document of /v1/now
     * @param {object[]} outside those of the other, in order, from before it to after it
     */
    add(inside, outside) {
        if (!(outside[0].time_ms < inside.time_ms && inside.time_ms < outside.at(-1).time_ms))
            throw new Error('not a bracket');
        const values = new Map();
        for (const { series } of outside) {
            for (const each of series) {
                const name = nameOf(each);
                values.has(name) || values.set(name, []);
                values.get(name).push(each.value);
            }
        }
        this.#rounds++;
        for (const [name, others] of values) {
            const seen = this.#of(name);
            seen.outside++;
            others.forEach((value) => seen.values.add(value));
        }
        for (const series of inside.series)
            this.#judge(nameOf(series), series, values.get(nameOf(series)));
    }

    #of(name) {
        const none = { inside: 0, outside: 0, agreed: 0, values: new Set(), text: '' };
        this.#seen.has(name) || this.#seen.set(name, none);
        return this.#seen.get(name);
    }

    #judge(name, { value, ...rest }, others) {
        const seen = this.#of(name);
        seen.inside++;
        if (!others)
            return;
        if ('rate' in rest)
            this.#cumulative.add(name);
        seen.agreed += isBetween(value, others, this.#slack(name, value));
        seen.text = `${value} inside, ${[...new Set(others)].join(' ')} outside`;
    }

    /** Series that only one of them ever had: "+name" inside, "-name" outside. */
    get unpaired() {
        return [...this.#seen].filter(([, { inside, outside }]) => !inside || !outside)
            .map(([name, { inside }]) => `${inside ? '+' : '-'}${name}`);
    }

    /**
     * Series whose values differ. What only grows has to agree every time. A gauge may go up and
     * down between two reads: it has to agree once, and mostly where it never moved outside.
     * @param {RegExp} which
     */
    differing(which) {
        const wanted = (name, values) => this.#cumulative.has(name) ? this.#rounds :
            values.size === 1 ? this.#rounds / 2 : 1;
        return [...this.#seen].filter(([name, { inside, outside, agreed, values }]) =>
            which.test(name) && inside && outside && agreed < wanted(name, values))
            .map(([name, { text }]) => `${name}: ${text}`);
    }

    /** How many series of a name both had. */
    count(which) {
        return [...this.#seen].filter(([name, { inside, outside }]) => which.test(name) &&
            inside && outside).length;
    }
}
