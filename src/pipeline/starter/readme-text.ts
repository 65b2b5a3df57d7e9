/** What to do next. */
export const readmeText = `# A pipeline

\`pipeline.yaml\` says what runs, \`pipeline.cases.yaml\` what has to come of it, and \`telemetry.avsc\` what a sample looks like that
you publish to the topic \`starter-telemetry\`. Where downlink is not installed for all, write \`npx downlink\`.

\`\`\`sh
downlink topology check pipeline.yaml    # every mistake, with its line
downlink topology test pipeline.yaml     # the cases, without a broker
downlink up --topology pipeline.yaml     # all of it on this machine, with made-up telemetry
\`\`\`

Then make it yours: name your satellites, entities and sensors in \`fleet\`, and import the model of each.

\`\`\`sh
downlink topology schema --out topology.schema.json    # with it an editor completes and checks pipeline.yaml
downlink model import trained/*/model.ckpt --kind omnianomaly --repository model_repository
\`\`\`
`;
