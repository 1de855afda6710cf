// The workflows the tests publish for themselves, under names of this run, so that they never meet what is there already.
const run = Date.now().toString(36);

export const names = { greet: `e2e-greet-${run}`, slow: `e2e-slow-${run}`, broken: `e2e-broken-${run}`, loop: `e2e-loop-${run}`, made: `e2e-made-${run}` };

const head = (name, title, sample) => `document:
  dsl: '1.0.3'
  namespace: default
  name: ${name}
  version: '1.0.0'
  title: ${title}
  metadata:
    sampleInput: ${JSON.stringify(sample)}
`;

const documents = {
  greet: `${head(names.greet, "Greet a person", { person: "Ada" })}do:
  - prepare:
      set:
        person: \${ .person }
  - pause:
      wait:
        seconds: 1
  - greet:
      set:
        person: \${ .person }
        greeting: hello
`,
  slow: `${head(names.slow, "Wait for long", {})}do:
  - begin:
      set:
        begun: true
  - longPause:
      wait:
        seconds: 600
  - afterwards:
      set:
        reached: true
`,
  broken: `${head(names.broken, "Always fails", { amount: 5 })}do:
  - prepare:
      set:
        amount: \${ .amount }
  - refuse:
      raise:
        error:
          type: https://example.com/errors/refused
          status: 400
          title: Refused on purpose
          detail: This workflow refuses everything.
`,
  loop: `${head(names.loop, "Go through a list", { items: [1, 2, 3, 4, 5] })}do:
  - eachItem:
      for:
        each: item
        in: \${ .items }
      do:
        - note:
            set:
              items: \${ .items }
  - done:
      set:
        finished: true
`,
};

export async function publishFixtures(base) {
  for (const source of Object.values(documents)) {
    const response = await fetch(`${base}/v1/workflows`, { method: "POST", headers: { "content-type": "application/yaml" }, body: source });
    if (!response.ok) throw new Error(`the server refused a fixture: ${response.status} ${await response.text()}`);
  }
}

export async function startRun(base, name, input) {
  const response = await fetch(`${base}/v1/workflows/${name}/executions`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(input) });
  return response.json();
}
