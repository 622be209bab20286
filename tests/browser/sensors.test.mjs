// The section of sensors: what each is called, and that it is there only where there are some.

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { sectionOf, sections } from '../../static/src/sections/index.js';
import { sensors } from '../../static/src/sections/sensors.js';
import { connection, store as live } from '../../static/src/state.js';
import { NOW, Store } from '../../static/src/store.js';
import { start } from '../support/tachod.mjs';
import { until } from '../support/wait.mjs';
import { findings } from './axe.mjs';
import { launch, visit } from './support.mjs';

function helloOf(all) {
    return { epoch: 'e', seq: 0, interval_ms: 1000, series: all.map(([name, labels], i) => ({
        id: i + 1, name, labels, kind: 'gauge', unit: '', scope: 'host', interval_ms: 10000 })) };
}

/** [name, labels, value] of each series. */
function storeOf(...all) {
    const store = new Store(16);
    store.begin(helloOf(all));
    store.apply({ seq: 1, time_ms: 1000, flags: [],
                  v: all.map(([, , value], i) => [i + 1, value]) });
    return store;
}

const card = (id) => sensors.cards.find((one) => one.id === id);
const shown = (store) => sensors.cards.filter(({ when }) => when(store)).map(({ id }) => id);
const read = ({ of }, store) => of.bind(store)(NOW);
const linesOf = (id, store) => {
    const { lines } = card(id);
    return Object.fromEntries((typeof lines === 'function' ? lines(store) : lines)
        .map((line) => [line.label, read(line, store)]));
};
const hwmon = (what, chip, sensor, value) => [`node_hwmon_${what}`, { chip, sensor }, value];
const chip = (name, chip_name) => ['node_hwmon_chip_names', { chip: name, chip_name }, 1];
const label = (name, sensor, text) =>
    ['node_hwmon_sensor_label', { chip: name, sensor, label: text }, 1];

test('a sensor is called by its chip and its label, longer where two are called the same', () => {
    const store = storeOf(
        chip('platform_coretemp_0', 'coretemp'), chip('platform_coretemp_1', 'coretemp'),
        chip('nct6779', 'nct6779'), label('platform_coretemp_0', 'temp2', 'Core 0'),
        label('platform_coretemp_1', 'temp2', 'Core 0'),
        label('platform_coretemp_1', 'temp3', 'Core 10'),
        label('hwmon4', 'temp1', 'same'), label('hwmon4', 'temp2', 'same'),
        hwmon('temp_celsius', 'platform_coretemp_0', 'temp2', 54),
        hwmon('temp_celsius', 'platform_coretemp_1', 'temp2', 55),
        hwmon('temp_celsius', 'platform_coretemp_1', 'temp3', 56),
        hwmon('temp_celsius', 'hwmon4', 'temp1', 41), hwmon('temp_celsius', 'hwmon4', 'temp2', 42),
        hwmon('temp_celsius', 'nct6779', 'temp7', 30));
    assert.deepEqual(linesOf('temperatures', store), { 'coretemp Core 10': 56,
        'coretemp_0 Core 0': 54, 'coretemp_1 Core 0': 55, 'hwmon4 temp1': 41, 'hwmon4 temp2': 42,
        'nct6779 temp7': 30 });
    assert.deepEqual(shown(store), ['temperatures']);
    assert.equal(sensors.badge.text(read(sensors.badge, store)), '56°');
    assert.equal(card('temperatures').all(store).length, 6);
});

test('more of them than can be told apart are counted', () => {
    const store = storeOf(...Array.from({ length: 30 }, (_, i) =>
        hwmon('temp_celsius', 'nct6779', `temp${i}`, i)));
    assert.equal(Object.keys(linesOf('temperatures', store)).length, 18);
    assert.equal(card('temperatures').all(store).length, 30);
});

test('zones, fans, power, batteries, clocks', () => {
    const rapl = (part, index, watts) => [`node_rapl_${part}_joules_total`,
        { index, path: `/sys/class/powercap/intel-rapl:${index}` }, watts];
    const store = storeOf(
        ['node_thermal_zone_temp', { type: 'acpitz', zone: '0' }, 27.8],
        ['node_thermal_zone_temp', { type: 'acpitz', zone: '1' }, 29.8],
        ['node_thermal_zone_temp', { type: 'x86_pkg_temp', zone: '2' }, 61],
        hwmon('fan_rpm', 'nct6779', 'fan2', 1098), rapl('package', '0', 31), rapl('dram', '0', 3),
        rapl('core', '0', 20), rapl('core', '1', 10),
        ['node_power_supply_power_watt', { power_supply: 'BAT0' }, 5],
        ['node_power_supply_capacity', { power_supply: 'BAT0' }, 81],
        ['node_cpu_scaling_frequency_hertz', { cpu: '0' }, 1e9],
        ['node_cpu_scaling_frequency_hertz', { cpu: '1' }, 3e9],
        ['node_cpu_scaling_frequency_hertz', { cpu: '10' }, 2.3e9]);
    assert.deepEqual(shown(store), ['thermal-zones', 'fans', 'power', 'charge', 'frequency']);
    assert.deepEqual(linesOf('thermal-zones', store),
                     { 'acpitz 0': 27.8, 'acpitz 1': 29.8, x86_pkg_temp: 61 });
    assert.deepEqual(linesOf('fans', store), { 'nct6779 fan2': 1098 });
    assert.deepEqual(linesOf('power', store),
                     { BAT0: 5, 'core 0': 20, 'core 1': 10, dram: 3, package: 31 });
    assert.deepEqual(linesOf('charge', store), { BAT0: 81 });
    assert.deepEqual(linesOf('frequency', store), { fastest: 3e9, mean: 2.1e9, slowest: 1e9 });
    assert.equal(sensors.badge.text(read(sensors.badge, store)), '61°');
    const { unit, max, axis } = card('frequency').measure(3e9);
    assert.deepEqual([unit, max, axis(2e9)], ['GHz', 4e9, '2']);
    assert.equal(card('fans').measure(1098).legend(1098), '1098');
});

test('where there are none it is not in the navigation, and a link to it says why', () => {
    const isListed = () => sections.value.some(({ id }) => id === 'sensors');
    connection.value = { phase: 'live', quiet_ms: 0 };
    live.begin(helloOf([['node_load1', {}]]));
    assert.equal(isListed(), false);
    assert.equal(sectionOf('sensors'), sensors);
    assert.equal(sensors.notices[0].notice(live), 'no value yet');
    const some = storeOf(hwmon('fan_rpm', 'nct6779', 'fan2', 1098));
    assert.equal(sensors.when(some), true);
    assert.equal(sensors.notices[0].notice(some), '');
});

test('the fixture\'s machine, at each width', async (t) => {
    if (!process.env.TACHO_FIXTURES)
        return t.skip('TACHO_FIXTURES is not set');
    const daemon = await start(['--path.sysfs', path.join(process.env.TACHO_FIXTURES, 'sys')]);
    t.after(() => daemon.stop());
    const browser = await launch();
    t.after(() => browser.close());
    const tab = await visit(browser, `${daemon.url}#sensors@60s`);
    await tab.state('live');
    await tab.chart('temperatures').locator('[data-line="coretemp_0 Core 0"]').waitFor();
    await until('a temperature', async () => await tab.value(
        tab.chart('temperatures').locator('[data-line="coretemp_0 Core 0"]')) === 54);
    assert.equal(await tab.value(tab.chart('fans').locator('[data-line="nct6779 fan2"]')), 1098);
    assert.match(await tab.page.locator('[data-section="sensors"]').innerText(), /Sensors\s+57°/);
    assert.deepEqual(await findings(tab), []);
    await tab.page.setViewportSize({ width: 390, height: 844 });
    await tab.nextTick();
    assert.equal(await tab.page.evaluate(() => document.documentElement.scrollWidth -
        document.documentElement.clientWidth), 0, 'no horizontal scrolling');
    assert.deepEqual(await findings(tab), [], 'phone');
    assert.deepEqual(tab.complaints, []);
    await tab.close();
    return undefined;
});
