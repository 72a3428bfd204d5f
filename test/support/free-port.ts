export { freePort } from '../../adapter/demo/free-port.ts';
