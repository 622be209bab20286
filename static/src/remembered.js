// What was made of a name, kept: names of devices come and go as long as the page is open.

/** More than a daemon has series at once, or each picture would make all anew. */
const MOST = 16384;

/**
 * Makes something of a key once, so that what is drawn of it can be kept.
 * @template T
 * @param {function(string): T} make
 * @returns {function(string): T}
 */
export function remembered(make) {
    const made = new Map();
    return (key) => {
        if (!made.has(key)) {
            if (made.size === MOST)
                made.delete(made.keys().next().value);  // the oldest
            made.set(key, make(key));
        }
        return made.get(key);
    };
}
