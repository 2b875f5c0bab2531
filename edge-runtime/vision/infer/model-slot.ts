import type { ModelInUse, Recall } from '@gatehouse/contracts';
import { type GatehouseError, type Log, toldError } from '@gatehouse/kit';
import {
  type Accuracy,
  type ChooseOptions,
  chooseModel,
  type ModelChoice,
  noteDefaultRuns,
} from '@gatehouse/models';
import { type ExecutionProvider, providerUnavailable, type Size } from '../detect/index.ts';
import { trackedFrom } from '../track/index.ts';
import { usualInputSize } from './load-detector.ts';
import type { DetectorRecipe, Failure } from './protocol.ts';

export interface ModelSlotOptions {
  /** The model that the site names for these cameras; the default if absent. */
  readonly named?: string | undefined;
  /** Longer side of the input that the site asks for, pixels; the model's own if absent. */
  readonly longSidePx?: number | undefined;
  /** Where the site wants it to run; the CPU if absent. */
  readonly executionProvider?: ExecutionProvider;
  /** The cameras that it serves. */
  readonly cameras: readonly string[];
  readonly log: Log;
  /** Where models are looked for; this box's own places by default. */
  readonly places?: ChooseOptions;
}

/**
 * Which model a lane runs, and why. Asked anew whenever a worker has to be started: a file that broke since
 * then, or a model that does not load, is passed over for the bundled one. Every change of model stands in
 * the log.
 */
export class ModelSlot {
  readonly #options: ModelSlotOptions;
  readonly #unusable = new Map<string, GatehouseError>();
  #choice: (ModelChoice & Size) | undefined;
  #provider: ExecutionProvider;
  #providerFault: GatehouseError | undefined;

  constructor(options: ModelSlotOptions) {
    this.#options = options;
    this.#provider = options.executionProvider ?? 'cpu';
  }

  /**
   * Chooses, and says how to load the chosen one; `lost` is why the worker before has ended. Throws what
   * `chooseModel` throws.
   */
  async recipe(lost?: Failure): Promise<DetectorRecipe> {
    const { named, places } = this.#options;
    const before = this.#choice;
    if (before && lost?.code === 'MODEL_UNLOADABLE')
      this.#unusable.set(before.entry.id, toldError(lost, 'environment'));
    if (lost) this.#leaveProvider(lost);
    const choice = await chooseModel(named, { ...places, unusable: this.#unusable }).catch((error) => {
      // Nothing is left to fall back to: the next time all are tried again, memory may be free by then.
      this.#unusable.clear();
      throw error;
    });
    const { width, height } = usualInputSize(choice.entry, this.#options.longSidePx);
    this.#choice = { ...choice, width, height };
    if (before?.entry.id !== choice.entry.id) await this.#tell(before, choice);
    return {
      module: new URL('../detect/index.ts', import.meta.url).href,
      args: [
        choice.entry,
        choice.file,
        { width, height, threads: 1, executionProvider: this.#provider, doubtfulFrom: trackedFrom },
      ],
    };
  }

  /** The model that runs, or is about to; `undefined` before the first choice. */
  get inUse(): ModelInUse | undefined {
    if (!this.#choice) return undefined;
    const { entry, why, width, height, instead } = this.#choice;
    return {
      id: entry.id,
      why,
      width,
      height,
      cameras: [...this.#options.cameras],
      ...recallOf(entry.accuracy),
      ...(instead
        ? {
            instead: {
              id: instead.id.slice(0, 63),
              code: instead.failure.code,
              ...recallOf(instead.entry?.accuracy),
            },
          }
        : {}),
    };
  }

  /** The fault if the bundled model had to take another's place. */
  get fault(): GatehouseError | undefined {
    return this.#choice?.why === 'fallback' ? this.#choice.instead?.failure : undefined;
  }

  /** Why the model was taken off the execution provider that the site wants, once it was. */
  get providerFault(): GatehouseError | undefined {
    return this.#providerFault;
  }

  /**
   * A provider on which an inference failed or a worker was lost is not tried again before the service starts
   * anew: cameras go first.
   */
  #leaveProvider({ code, message }: Failure) {
    if (this.#provider === 'cpu' || (code !== 'DETECTOR_FAILED' && code !== 'DETECTOR_LOST')) return;
    this.#providerFault = providerUnavailable(this.#provider, message);
    this.#provider = 'cpu';
    this.#options.log.warn('provider-given-up', { error: this.#providerFault });
  }

  async #tell(before: ModelChoice | undefined, { entry, why, origin, replaced, instead }: ModelChoice) {
    const { log, named, places } = this.#options;
    const level = why === 'fallback' ? 'error' : 'info';
    log[level]('model-chosen', {
      model: entry.id,
      why,
      origin,
      named,
      before: before?.entry.id,
      replaced,
      insteadOf: instead?.id,
      error: instead?.failure,
    });
    if (why !== 'default') return;
    await noteDefaultRuns(entry.id, places?.env).catch((error) => log.warn('model-not-noted', { error }));
  }
}

function recallOf(accuracy: Accuracy | undefined): { recall?: Recall } {
  if (!accuracy) return {};
  return { recall: { vehicle: accuracy.vehicle.recall, person: accuracy.person.recall } };
}
