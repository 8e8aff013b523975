export { codesWithWords, codeWords, linkOf } from './codes.ts'
export { type Language, preferredLanguage } from './language.ts'
export { say } from './say.ts'
