import { writerFaults } from '../contract/broker/writer-faults.ts';
import { describeWith } from '../support/describe-with.ts';

describeWith('kafka', 'the transactional writer, at length, commits exactly once though', ({ bootstrap }) => {
  writerFaults(
    () => bootstrap,
    (sentence) => (sentence.includes('EndTxn') ? 500 : 100),
  );
});
