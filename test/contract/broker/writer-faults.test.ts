import { describeWith } from '../../support/describe-with.ts';
import { writerFaults } from './writer-faults.ts';

describeWith('kafka', 'the transactional writer commits exactly once though', ({ bootstrap }) => {
  writerFaults(
    () => bootstrap,
    () => 25,
  );
});
