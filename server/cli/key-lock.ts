import { BridgeError } from '../shared/errors.ts'
import { newKeyFile, newPassphrase, readKeyFile } from '../storage/index.ts'
import type { KeySecret, KeyStore } from '../wiring/index.ts'
import type { KeyCommands, KeyFlags } from './keys.ts'
import { askHidden, readPiped } from './secret-input.ts'
import { word } from './words/index.ts'

/** `keys encrypt` and `keys decrypt`: how the key store lies on disk. */
export function addKeyLockCommands({ keys, withDataDir, act }: KeyCommands): void {
  withDataDir(
    keys
      .command('encrypt')
      .description(
        'encrypt the kept keys, or encrypt them anew; the passphrase is read from the terminal or standard input',
      ),
  )
    .option(
      '--key-file <file>',
      'with the bytes of this file, made when there is none, instead of a passphrase',
    )
    .action((flags: KeyFlags) =>
      act(flags, async ({ keyStore, config }) => {
        await unlockOnTerminal(keyStore)
        if (flags.keyFile !== undefined) {
          const { secret, isNew } = await newKeyFile(flags.keyFile, config.dataDir)
          await keyStore.encrypt(secret)
          if (isNew) process.stdout.write(`${word('lock.made', { file: flags.keyFile })}\n`)
          process.stdout.write(`${word('lock.byFile')}\n`)
          return
        }
        await keyStore.encrypt(await askNewPassphrase())
        process.stdout.write(`${word('lock.byPassphrase')}\n`)
      }),
    )
  withDataDir(keys.command('decrypt').description('keep the keys in the clear again (mode 0600)'))
    .option('--key-file <file>', 'the file they were encrypted with (default: RH_BRIDGE_KEY_FILE)')
    .action((flags: KeyFlags) =>
      act(flags, async ({ keyStore }) => {
        const { kind, isLocked } = await keyStore.protection()
        if (kind === 'none') {
          throw new BridgeError('The keys are not encrypted', { code: 'not-encrypted' })
        }
        if (flags.keyFile !== undefined) await keyStore.unlock(await readKeyFile(flags.keyFile))
        else if (isLocked && kind === 'passphrase') await keyStore.unlock(await askPassphrase())
        await keyStore.decrypt()
        process.stdout.write(`${word('lock.open')}\n`)
      }),
    )
}

/** A locked store is opened by who sits at the terminal; elsewhere the environment has to say how. */
export async function unlockOnTerminal(keyStore: KeyStore): Promise<void> {
  const { kind, isLocked } = await keyStore.protection()
  if (isLocked && kind === 'passphrase' && process.stdin.isTTY) await keyStore.unlock(await askPassphrase())
}

async function askPassphrase(): Promise<KeySecret> {
  const passphrase = process.stdin.isTTY ? await askHidden(word('lock.ask')) : await readPiped()
  return { kind: 'passphrase', passphrase }
}

async function askNewPassphrase(): Promise<KeySecret> {
  if (!process.stdin.isTTY) return newPassphrase(await readPiped())
  const secret = newPassphrase(await askHidden(word('lock.new')))
  const again = await askHidden(word('lock.again'))
  if (secret.kind === 'passphrase' && secret.passphrase === again) return secret
  throw new BridgeError('The two are not the same', { code: 'bad-passphrase', hint: 'Nothing was changed.' })
}
