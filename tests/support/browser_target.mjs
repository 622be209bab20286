// Speaks to a target of the browser that playwright has no session for, as a shared worker.

/** One such target; made anew for each, from the browser's session. */
export class Target {
    #session;
    #id = 0;
    #waiting = new Map();

    constructor(session) {
        this.#session = session;
        session.on('Target.receivedMessageFromTarget', ({ message }) => {
            const { id, result } = JSON.parse(message);
            this.#waiting.get(id)?.(result);
        });
    }

    async attach(targetId) {
        const { sessionId } = await this.#session.send('Target.attachToTarget',
            { targetId, flatten: false });
        this.sessionId = sessionId;
        return this;
    }

    /** @returns {Promise<object>} what is answered */
    async send(method, params = {}) {
        const id = ++this.#id;
        const answered = new Promise((resolve) => this.#waiting.set(id, resolve));

        await this.#session.send('Target.sendMessageToTarget', { sessionId: this.sessionId,
            message: JSON.stringify({ id, method, params }) });
        return answered;
    }
}
