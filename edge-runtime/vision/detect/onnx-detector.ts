import { describeError, errorOf, type GatehouseError } from '@gatehouse/kit';
import type { ModelEntry } from '@gatehouse/models';
import { objectClasses, readModelFile } from '@gatehouse/models';
import { InferenceSession, Tensor } from '@gatehouse/onnx';
import { toDetections } from './candidate.ts';
import type { Detection, Detector, DetectorFrame, InputShape } from './detector.ts';
import { assertListed, type ExecutionProvider, providerUnavailable } from './execution-provider.ts';
import type { Family, OutputTensor } from './families/family.ts';
import { fittedSize } from './fit.ts';
import type { FillTensor } from './planes.ts';
import { tensorFiller } from './planes.ts';

/**
 * One thread unless told otherwise and no spinning: idle threads of ONNX Runtime would burn whole cores
 * waiting for the next frame. Severity 3: it warns of each weight of some exporters' files, hundreds of
 * lines.
 */
export function sessionOptions(
  threads = 1,
  provider: ExecutionProvider = 'cpu',
): InferenceSession.SessionOptions {
  return {
    // Operators that a provider cannot compute run on the CPU.
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}

export interface LoadOptions {
  /** Threads within one inference; 1 if absent. */
  readonly threads?: number;
  /** The CPU if absent. */
  readonly executionProvider?: ExecutionProvider;
  /** Lowest score of doubtful detections; none are given out if absent. */
  readonly doubtfulFrom?: number;
}

/**
 * A catalogue model in ONNX Runtime. `run` blocks the calling thread: for a worker, not for a service's main
 * loop.
 */
export class OnnxDetector implements Detector {
  readonly input: InputShape;
  readonly providerFault: GatehouseError | undefined;
  readonly #entry: ModelEntry;
  readonly #family: Family;
  readonly #session: InferenceSession;
  readonly #classes: ReturnType<typeof objectClasses>;
  /** Lowest score that is given out. */
  readonly #leastScore: number;
  readonly #fill: FillTensor;
  /** The picture's tensor, filled anew for every frame. */
  readonly #tensor: Float32Array;
  readonly #feeds: Readonly<Record<string, Tensor>>;
  /**
   * Where the outputs go. ONNX Runtime makes them with the first picture and fills the same ones from then
   * on: 740 kB a picture made anew (YOLOX at 416x256) let V8 collect garbage after every thirteenth, which
   * cost a fifth as much as the inferences.
   */
  #outputs: InferenceSession.OnnxValueMapType | undefined;

  private constructor(
    entry: ModelEntry,
    family: Family,
    session: InferenceSession,
    input: InputShape,
    {
      doubtfulFrom,
      providerFault,
    }: { readonly doubtfulFrom?: number; readonly providerFault?: GatehouseError },
  ) {
    this.providerFault = providerFault;
    this.#entry = entry;
    this.#leastScore = Math.min(entry.threshold, doubtfulFrom ?? entry.threshold);
    this.#family = family;
    this.#session = session;
    this.input = input;
    this.#classes = objectClasses(entry);
    this.#fill = tensorFiller(entry.input);
    this.#tensor = new Float32Array(3 * input.width * input.height);
    const picture = new Tensor('float32', this.#tensor, [1, 3, input.height, input.width]);
    this.#feeds = { ...family.constants(), [family.picture]: picture };
  }

  /**
   * Loads a model file, checking its SHA-256 on the bytes it loads. A provider that cannot be used here is no
   * reason not to watch: the CPU does it, and `providerFault` says so. Throws `MODEL_CORRUPT`,
   * `MODEL_MISSING`, `MODEL_UNLOADABLE`.
   */
  static async load(
    entry: ModelEntry,
    file: string,
    family: Family,
    input: InputShape,
    { threads, executionProvider = 'cpu', doubtfulFrom }: LoadOptions = {},
  ): Promise<OnnxDetector> {
    const bytes = await readModelFile(entry, file);
    const on = async (provider: ExecutionProvider, fault?: GatehouseError) => {
      const session = await InferenceSession.create(bytes, sessionOptions(threads, provider));
      return new OnnxDetector(entry, family, session, input, {
        ...(doubtfulFrom === undefined ? {} : { doubtfulFrom }),
        ...(fault ? { providerFault: fault } : {}),
      });
    };
    let fault: GatehouseError | undefined;
    if (executionProvider !== 'cpu') {
      try {
        assertListed(executionProvider);
        const detector = await on(executionProvider);
        await detector.#tryOut();
        return detector;
      } catch (cause) {
        fault = providerUnavailable(executionProvider, cause);
      }
    }
    try {
      return await on('cpu', fault);
    } catch (cause) {
      throw errorOf('MODEL_UNLOADABLE', { model: entry.id, file, reason: describeError(cause) }, { cause });
    }
  }

  /**
   * One inference of a black picture: a provider's libraries and memory are asked for with the first. Frees
   * the session if it fails.
   */
  async #tryOut(): Promise<void> {
    const { width, height } = this.input;
    try {
      await this.detect({
        planes: new Uint8Array(3 * width * height),
        sourceWidth: width,
        sourceHeight: height,
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async detect({ planes, sourceWidth, sourceHeight }: DetectorFrame): Promise<Detection[]> {
    const { input } = this;
    if (planes.length !== this.#tensor.length)
      throw new RangeError(
        `a frame for ${this.#entry.id} must be 3 x ${input.width} x ${input.height} bytes, not ${planes.length}`,
      );
    if (!(sourceWidth >= 1 && sourceHeight >= 1))
      throw new RangeError(`a picture of ${sourceWidth} x ${sourceHeight} has no box`);
    this.#fill(this.#tensor, planes);
    this.#outputs = await this.#session.run(this.#feeds, this.#outputs ?? this.#family.outputs);
    const results = this.#outputs;
    const outputs = this.#family.outputs.map((name) => results[name] as unknown as OutputTensor);
    const candidates = this.#family.decode(outputs, input, this.#leastScore);
    const fitted = fittedSize(input, { width: sourceWidth, height: sourceHeight });
    return toDetections(candidates, {
      classes: this.#classes,
      threshold: this.#leastScore,
      sureFrom: this.#entry.threshold,
      bundledSureFrom: this.#entry.source.kind === 'bundled' ? this.#entry.source.sureFrom : undefined,
      nmsIou: this.#entry.nmsIou,
      pictureWidth: fitted.width / input.width,
      pictureHeight: fitted.height / input.height,
    });
  }

  /**
   * Frees the session. ONNX Runtime keeps some of its memory (onnxruntime #25325): end the worker to get it
   * all back.
   */
  async close(): Promise<void> {
    await this.#session.release();
  }
}
