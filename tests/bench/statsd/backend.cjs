// A backend of npm's statsd that says how many metrics came, at each flush.
exports.init = (startup, config, events) => {
    events.on('flush', (time, { counters }) =>
        console.log(counters['statsd.metrics_received'] ?? 0));
    return true;
};
