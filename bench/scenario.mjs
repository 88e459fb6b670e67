// One scenario in a process of its own, so that what one leaves behind costs the next nothing: its rows go to the parent.
const [, , name, size] = process.argv;
const { measure } = await import(`./scenarios/${name}.mjs`);

process.send(await measure(JSON.parse(size)), () => process.exit());
