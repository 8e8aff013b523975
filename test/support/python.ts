import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { systemCodeOf } from '../../server/shared/errors.ts'

/** What a Python program prints. A machine without Python fails with what to do, and never skips. */
export async function python(
  args: readonly string[],
  how: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('python3', args, { timeout: 30_000, ...how })
    return stdout
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') {
      throw new Error('python3 is not on this machine: install it (apt-get install python3) to run this test')
    }
    throw error
  }
}
