import { t } from '../i18n/index.ts'
import { formatClock } from '../state/index.ts'
import { waveformOf } from './waveform.ts'

/** A player of a sound: play, a waveform to jump in, the time. The range field under the waveform brings keyboard and touch along. */
export function makeSound(url: string, name: string): HTMLElement {
  const audio = new Audio()
  audio.preload = 'metadata'
  audio.src = url
  const play = document.createElement('button')
  play.type = 'button'
  play.className = 'sound-play'
  const wave = document.createElement('div')
  wave.className = 'sound-wave'
  const seek = document.createElement('input')
  seek.type = 'range'
  seek.min = '0'
  seek.max = '1000'
  seek.value = '0'
  seek.setAttribute('aria-label', t('media.position', { name }))
  const time = document.createElement('span')
  time.className = 'sound-time'
  wave.append(document.createElement('div'), seek)
  const root = document.createElement('div')
  root.className = 'sound'
  root.title = name
  root.append(play, wave, time, audio)

  function show(): void {
    const { duration, currentTime, paused } = audio
    const isKnown = Number.isFinite(duration) && duration > 0
    const share = isKnown ? currentTime / duration : 0
    wave.style.setProperty('--played', `${share * 100}%`)
    if (document.activeElement !== seek || !paused) seek.value = String(Math.round(share * 1_000))
    time.textContent = `${formatClock(currentTime * 1_000)} / ${isKnown ? formatClock(duration * 1_000) : '–'}`
    play.setAttribute('aria-label', t(paused ? 'media.play' : 'media.pause', { name }))
    play.classList.toggle('is-playing', !paused)
  }
  play.addEventListener('click', () => {
    if (audio.paused) void audio.play().catch(show)
    else audio.pause()
  })
  seek.addEventListener('input', () => {
    if (Number.isFinite(audio.duration)) audio.currentTime = (Number(seek.value) / 1_000) * audio.duration
    show()
  })
  for (const type of ['timeupdate', 'play', 'pause', 'ended', 'loadedmetadata', 'seeked']) {
    audio.addEventListener(type, show)
  }
  show()
  void waveformOf(url).then(picture => {
    if (picture !== undefined) wave.style.setProperty('--wave', `url(${picture})`)
    root.classList.toggle('has-wave', picture !== undefined)
  })
  return root
}
