export { copyPicture, makeFileCard, makeVideo } from './medium.ts'
export { makeSound } from './sound.ts'
